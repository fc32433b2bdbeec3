"""A PNG as it may leave: pixels, and nothing written beside them."""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# PNG (Portable Network Graphics) Specification, third edition, W3C 2025: chunks that hold pixels or
# colours only.
ALLOWED_CHUNKS = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"sRGB",
        b"gAMA",
        b"cHRM",
        b"pHYs",
        b"sBIT",
        b"bKGD",
    }
)
TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})


def png_faults(encoded: str) -> tuple[str, ...]:
    """Rules that a base64 PNG breaks: not a PNG, text or other chunks, bytes after its end."""
    try:
        image = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return ("G10: an image that is not a PNG",)
    if not image.startswith(SIGNATURE):
        return ("G10: an image that is not a PNG",)
    try:
        return tuple(dict.fromkeys(_chunk_faults(image)))
    except (struct.error, IndexError, ValueError):
        return ("G10: a PNG that is cut off or damaged",)


def _chunk_faults(image: bytes) -> Iterator[str]:
    at, name = len(SIGNATURE), b""
    while name != b"IEND":
        (length,) = struct.unpack(">I", image[at : at + 4])
        name, body = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", image[at + 8 + length : at + 12 + length])
        if zlib.crc32(name + body) != check:
            raise ValueError("a chunk's checksum is wrong")
        if name in TEXT_CHUNKS:
            yield "G10: a PNG that carries text or times"
        elif name not in ALLOWED_CHUNKS:
            yield "G10: a PNG that carries more than pixels"
        at += 12 + length
    if at != len(image):
        yield "G10: a PNG with bytes after its end"
