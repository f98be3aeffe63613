"""Request bodies: whole, decompressed, within limits of size, time and memory."""

import asyncio
import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from lineage.server.refusals import Refusal
from lineage.server.service import Busy

BODY_LIMIT = 32 << 20  # bytes of a body, before and after decompression
MEMORY_LIMIT = 256 << 20  # bytes of all bodies that are being read
BODY_WITHIN = 60.0  # seconds for a whole body
PIECE_WITHIN = 20.0  # seconds between two pieces of an upload
UPLOAD_LIMIT = 16 << 30  # bytes of an upload, as it is sent

_held = 0  # bytes of bodies that are being read, in this process's one event loop


class Held:
    """Memory that a body takes, counted as long as it is worked on."""

    def __init__(self) -> None:
        self.bytes = 0

    def take(self, more: int) -> None:
        global _held
        if _held + more > MEMORY_LIMIT:
            raise Busy("Too much is being sent at once.", "Send it again in a few seconds.")
        _held += more
        self.bytes += more

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        global _held
        _held -= self.bytes


async def read_body(request: Request, held: Held) -> bytes:
    """The body as it was before compression.

    Raises Refusal: 400 for broken gzip, 408 too slow, 413 too large, 415 an encoding that is not known.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise Refusal(415, f"The content encoding {coding} is not known.", "Send it as gzip or uncompressed.")
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > BODY_LIMIT:
        raise _too_large()
    pieces = []
    size = 0
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for piece in request.stream():
                size += len(piece)
                if size > BODY_LIMIT:
                    raise _too_large()
                held.take(len(piece))
                pieces.append(piece)
    except TimeoutError:
        raise _too_slow() from None
    body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return body if coding in ("identity", "") else _unpack(body, held)


async def read_upload(request: Request) -> AsyncIterator[bytes]:
    """The pieces of an upload as they come; the limits are those of an upload."""
    size = 0
    pieces = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(PIECE_WITHIN):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise _too_slow() from None
        except ClientDisconnect:
            raise Refusal(400, "The upload ended early.", "Send it again.") from None
        size += len(piece)
        if size > UPLOAD_LIMIT:
            raise Refusal(413, f"The upload has over {UPLOAD_LIMIT >> 30} GiB.", "Send it in parts.")
        if piece:
            yield piece


def _unpack(body: bytes, held: Held) -> bytes:
    """Gzip of one or more members; never more than the limit is unpacked."""
    out = bytearray()
    while body:
        member = zlib.decompressobj(wbits=31)
        try:
            piece = member.decompress(body, BODY_LIMIT + 1 - len(out))
        except zlib.error:
            raise Refusal(400, "The body is not valid gzip.", "Leave Content-Encoding out, or compress it.") from None
        held.take(len(piece))
        out += piece
        if len(out) > BODY_LIMIT:
            raise _too_large()
        if not member.eof:
            raise Refusal(400, "The gzip body is torn.", "Send it whole.")
        body = member.unused_data
    return bytes(out)


def _too_large() -> Refusal:
    return Refusal(
        413, f"The body has over {BODY_LIMIT >> 20} MiB.", "Send fewer events at once, or POST /api/v1/files."
    )


def _too_slow() -> Refusal:
    return Refusal(408, "The body came too slowly.", "Send it again, in smaller parts.")
