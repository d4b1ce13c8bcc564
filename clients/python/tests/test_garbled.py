"""Streams whose bytes were changed on their way: they go on, or end with an error that says who sent what."""

from __future__ import annotations

import asyncio
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from servers import STREAM, HarmfulProxy, Listener, Oplog, Scripted, seed

from oplog_client import Live, OplogError, RetryPolicy, follow, follow_async

SETTINGS: dict[str, Any] = {
    "from_": "0",
    "retry": RetryPolicy(first=0.01, longest=0.02, give_up_after=0.3),
    "silence": 0.2,
    "verify": ssl.create_default_context(),  # making one takes longer than all else
}
RUNS = 150


def run_threads(url: str) -> None:
    with follow(url, **SETTINGS) as stream:
        while not isinstance(next(stream), Live):
            pass


def run_asyncio(url: str) -> None:
    async def run() -> None:
        async with follow_async(url, **SETTINGS) as stream:
            while not isinstance(await anext(stream), Live):
                pass

    asyncio.run(run())


@pytest.fixture(params=[run_threads, run_asyncio], ids=["threads", "asyncio"])
def run(request: pytest.FixtureRequest) -> Callable[[str], None]:
    return request.param  # type: ignore[no-any-return]


def outcome(run: Callable[[str], None], url: str) -> BaseException | None:
    """How it ended, which it must."""
    ends: list[BaseException | None] = []

    def catch() -> None:
        try:
            run(url)
            ends.append(None)
        except BaseException as e:
            ends.append(e)

    thread = threading.Thread(target=catch, daemon=True)
    thread.start()
    thread.join(20)
    assert ends, "it hangs"
    return ends[0]


def require_typed(error: BaseException, url: str) -> None:
    assert isinstance(error, OplogError), repr(error)
    assert url in str(error)
    assert len(str(error)) < 1000, str(error)


def test_a_garbled_stream_goes_on_or_ends_with_an_error_of_ours(
    run: Callable[[str], None], shared_oplog: Oplog, stopping: Callable[[Listener], None]
) -> None:
    shared_oplog.post(
        *({"event": "insert", "type": "video", "id": f"x{n}", "parents": ["user/u1"]} for n in range(200))
    )
    numbers = random.Random(seed())
    ends: Counter[str] = Counter()
    for _ in range(RUNS):
        proxy = HarmfulProxy(shared_oplog.port, numbers.randrange(1 << 30), garbles=numbers.choice((0.02, 0.2, 1)))
        stopping(proxy)
        error = outcome(run, proxy.url)
        proxy.stop()
        ends[type(error).__name__] += 1
        if error is not None:
            require_typed(error, proxy.url)
    assert {"NoneType", "MalformedStreamError", "RefusedError"} <= set(ends), ends


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 101 X\r\n\r\n",
        b"HTTP/1.1 999 X\r\n\r\n",
        b"HTTP/1.1 000 X\r\n\r\n",
        b"HTTP/1.1 2\xb30 X\r\n\r\n",
        b"HTTP/1.1 204 X\r\nContent-Type: text/event-stream\r\n\r\n",
        b"HTTP/1.1 302 X\r\nLocation: http://[/\r\n\r\n",
        b"HTTP/1.1 302 X\r\nLocation: \xff://\xff:99999999\r\n\r\n",
        STREAM.replace(b"Connection: close", b"Content-Length: " + b"9" * 5000),
        STREAM.replace(b"Connection: close", b"Content-Length: 5") + b"data: too long",
        STREAM.replace(b"Connection: close", b"Transfer-Encoding: chunkee"),
        STREAM.replace(b"Connection: close", b"Transfer-Encoding: chunked") + b"fffffffffffffffffff\r\nx",
        STREAM.replace(b"Connection: close", b"Transfer-Encoding: chunked") + b"g\r\nx",
        STREAM.replace(b"Connection: close", b"\0" * 50_000),
        STREAM.replace(b"Connection: close", b"Set-Cookie: \xff=\xff; expires=\xff; port=x"),
        STREAM.replace(b"event-stream", b"event-stream; charset=\xff"),
        b"\0" * 200_000,
    ],
    ids=range(16),
)
def test_a_head_that_makes_no_sense_is_an_error_of_ours(
    run: Callable[[str], None], stopping: Callable[[Listener], None], sent: bytes
) -> None:
    server = Scripted(sent)
    stopping(server)
    error = outcome(run, server.url)
    assert error is not None
    require_typed(error, server.url)
