"""The runner's signature under what it has checked: nobody else can say of a run that it was
checked (decision 104).

HMAC-SHA256 over the provenance of the run, which holds the sha256 of each of its files. The key is
made on first use, lies in WORKBOOK_STATE/keys (open to its owner only) and is read anew for each
signature, after the kernel has ended, by the process that publishes. It is in no environment and
in no process of which a kernel is forked. Code that runs as the same user could read it: what a
notebook may run is therefore read before it is run (grammar.py).
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import RunError
from analysis.paths import AS_BYTES, is_owners_alone, make_own, opened, state_home
from analysis.record.sealed import PROVENANCE, altered_file

SIGNATURE = "signature"  # of provenance.json
KEY_BYTES = 32


def signing_key() -> bytes:
    """The key of this machine's state, made where there is none. RunError E344 where it is not the
    owner's alone."""
    return key_named("runner.key")


def key_named(name: str) -> bytes:
    """A key of this state by the name of its file, made where there is none. RunError E344."""
    folder = make_own(state_home() / "keys")
    path = folder / name
    _make(path)
    descriptor = opened(path)
    try:
        found = os.fstat(descriptor)
        key = os.read(descriptor, KEY_BYTES + 1)
    finally:
        os.close(descriptor)
    if not is_owners_alone(found) or len(key) != KEY_BYTES:
        raise RunError(
            "E344",
            f"the key {name} is not 32 bytes of this user alone.",
            remedy=f"Take keys/{name} out of WORKBOOK_STATE and run again.",
        )
    return key


def _make(path: Path) -> None:
    """A new key, whole or not at all; the one that is there stays."""
    if path.exists():
        return
    temporary = path.with_name(f".{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | AS_BYTES, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(KEY_BYTES))
    finally:
        os.close(descriptor)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def signed(provenance: Mapping[str, object]) -> dict[str, object]:
    """The provenance with the runner's signature under all else that it says."""
    return {**_unsigned(provenance), SIGNATURE: _hmac(provenance)}


def unbelieved(folder: Path) -> str | None:
    """Name of a file of a run folder that is not as this runner signed it, the provenance itself
    where the signature is not its own; None: all that is there was checked and is unchanged."""
    if found := altered_file(folder):
        return found
    provenance = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    return None if is_signed(provenance) else PROVENANCE


def is_signed(provenance: Mapping[str, object]) -> bool:
    """Whether the signature is that of this runner, under exactly this."""
    found = provenance.get(SIGNATURE)
    return isinstance(found, str) and hmac.compare_digest(found, _hmac(provenance))


def _hmac(provenance: Mapping[str, object]) -> str:
    text = json.dumps(_unsigned(provenance), sort_keys=True, separators=(",", ":"))
    return hmac.new(signing_key(), text.encode(), hashlib.sha256).hexdigest()


def _unsigned(provenance: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in provenance.items() if name != SIGNATURE}
