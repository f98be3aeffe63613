"""Request bodies: whole, decompressed, within limits of size, time and memory."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request

from lineage.server.refusals import Busy, Refusal

BODY_LIMIT = 32 << 20  # bytes of a body, before and after decompression
MEMORY_LIMIT = 256 << 20  # bytes of all bodies that are being read
BODY_WITHIN = 60.0  # seconds for a whole body
PIECE_WITHIN = 20.0  # seconds between two pieces of an upload
UPLOAD_LIMIT = 16 << 30  # bytes of an upload, as it is sent
UPLOADS_AT_ONCE = 64  # uploads on their way: they may take as long as they like, and leave connections for others
LARGE = 256 << 10  # bytes; beyond it a body is worked on in a thread, so that others are served meanwhile
PACKED_LARGE = 4 << 10  # the same of one that is packed: it may become a thousand times as much
LARGE_AT_ONCE = 2  # such bodies that are worked on: each takes a processor, and many times its size in memory
MEMBERS = 1000  # parts of a gzip body: each takes time, whatever it holds
PIECE = 64 << 10

_Made = TypeVar("_Made")
_limiter = CapacityLimiter(LARGE_AT_ONCE)
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
    if coding in ("identity", ""):
        return body
    unpacked = await made_of(body, _unpack, PACKED_LARGE)
    held.take(len(unpacked))
    return unpacked


async def made_of(body: bytes, make: Callable[[bytes], _Made], large: int = LARGE) -> _Made:
    """What ``make`` makes of a body; beyond ``large`` bytes beside the loop that serves the others."""
    return make(body) if len(body) < large else await to_thread.run_sync(make, body, limiter=_limiter)


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


def _unpack(body: bytes) -> bytes:
    """Gzip of one or more members; never more than the limit is unpacked."""
    out = bytearray()
    at = members = 0
    while at < len(body):
        members += 1
        if members > MEMBERS:
            raise Refusal(400, f"The gzip body has over {MEMBERS:,} parts.", "Compress it as a whole.")
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            piece = body[at : at + PIECE]
            if not piece:
                raise Refusal(400, "The gzip body is torn.", "Send it whole.")
            try:
                out += member.decompress(piece, BODY_LIMIT + 1 - len(out))
            except zlib.error:
                hint = "Leave Content-Encoding out, or compress it."
                raise Refusal(400, "The body is not valid gzip.", hint) from None
            if len(out) > BODY_LIMIT:
                raise _too_large()
            at += len(piece) - len(member.unused_data)
    return bytes(out)


def _too_large() -> Refusal:
    return Refusal(
        413, f"The body has over {BODY_LIMIT >> 20} MiB.", "Send fewer events at once, or POST /api/v1/files."
    )


def _too_slow() -> Refusal:
    return Refusal(408, "The body came too slowly.", "Send it again, in smaller parts.")
