"""Which clusters a batch may send exact records to: those of this machine, and those whose
connections are encrypted, with a certificate at both ends."""

import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from analysis.errors import ParameterError

LOOPBACK, PORT = "127.0.0.1", 8786
OF_PLAIN, OF_TLS = "tcp", "tls"  # protocols of Dask by which a scheduler is reached
EXAMPLE = f"{OF_PLAIN}://{LOOPBACK}:{PORT}"


@dataclass(frozen=True)
class Certificates:
    """Files (PEM) of an encrypted cluster: who signs certificates, the command's own one, its
    key."""

    ca_file: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def security(self):
        """What a client of Dask takes. ParameterError E391 where a file is not named or cannot be
        read."""
        try:
            from distributed.security import Security
        except ImportError:
            raise no_dask() from None
        files = {"tls_ca_file": self.ca_file, "tls_client_cert": self.cert}
        files |= {"tls_client_key": self.key}
        for name, file in files.items():
            option = f"--{name.replace('_client', '').replace('_', '-')}"
            if file is None or not os.access(file, os.R_OK):
                text = f"an encrypted cluster needs a file that can be read for {option}."
                raise ParameterError("E391", text, remedy="See “A cluster” in docs/running.md.")
        named = {name: str(file) for name, file in files.items()}
        return Security(require_encryption=True, **named)


NO_CERTIFICATES = Certificates()


@dataclass(frozen=True)
class Cluster:
    """A cluster that does the runs: the address of its scheduler, and what encrypts the way."""

    address: str
    certificates: Certificates = NO_CERTIFICATES


def no_dask() -> ParameterError:
    """E220: the extra `cluster` is missing."""
    remedy = "Install it: pip install dask distributed."
    return ParameterError("E220", "a cluster needs the extra `cluster`.", remedy=remedy)


def checked_address(address: str) -> str:
    """The address, once it is known to be of this machine or to be encrypted. ParameterError
    E390."""
    parts = urlsplit(address if "://" in address else f"{OF_PLAIN}://{address}")
    if parts.scheme not in (OF_PLAIN, OF_TLS) or not _port(parts) or not parts.hostname:
        text = "--cluster is no address of a Dask scheduler."
        remedy = f"Write for instance {EXAMPLE}, or {OF_TLS}://HOST:PORT."
        raise ParameterError("E390", text, remedy=remedy)
    if parts.scheme == OF_PLAIN and not is_loopback(parts.hostname):
        text = "the cluster is not on this machine, and its connections are not encrypted."
        remedy = (
            f"Name a scheduler that speaks TLS ({OF_TLS}://HOST:PORT), with --tls-ca-file,"
            " --tls-cert and --tls-key (docs/running.md); or start one here: workbook cluster up."
        )
        raise ParameterError("E390", text, remedy=remedy)
    return address


def check_cluster(address: str, certificates: Certificates) -> None:
    """What `--cluster` needs, before a batch starts. ParameterError E390, E391, or E220 where the
    extra is missing."""
    checked_address(address)
    if address.startswith(f"{OF_TLS}://"):
        certificates.security()


def _port(parts) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether each address that a name stands for is of this machine only."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(_is_own(str(address)) for address in found)


def _is_own(address: str) -> bool:
    one = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(one, "ipv4_mapped", None)
    return (mapped or one).is_loopback
