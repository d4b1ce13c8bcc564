"""The streams, against scripted answers: what the real server does not do when it is asked to."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers import STREAM, Scripted, answer, await_, control, event, event_id, free_port, hold, seed

from oplog_client import (
    ClosedError,
    Endpoint,
    EventStream,
    Live,
    MalformedStreamError,
    Operation,
    Reason,
    RefusedError,
    RetryPolicy,
    UnavailableError,
    follow,
    follow_async,
)

QUICK = RetryPolicy(first=0.01, longest=0.05)
Script = Callable[..., Scripted]


@pytest.fixture
def script() -> Iterator[Script]:
    servers: list[Scripted] = []

    def start(*answers: Any) -> Scripted:
        servers.append(Scripted(*answers))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def never() -> Iterator[threading.Event]:
    ended = threading.Event()
    yield ended
    ended.set()


class AsyncAsSync:
    """Runs the asynchronous stream as if it were the other one, so that each case is a case of both."""

    def __init__(self, endpoint: Endpoint | str, **settings: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._stream = self._run(self._open(endpoint, settings))

    async def _open(self, endpoint: Endpoint | str, settings: dict[str, Any]) -> Any:
        return follow_async(endpoint, **settings)

    def _run(self, what: Any) -> Any:
        return self._loop.run_until_complete(what)

    def __iter__(self) -> AsyncAsSync:
        return self

    def __next__(self) -> Any:
        return self._run(anext(self._stream))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def close(self) -> None:
        self._run(self._stream.aclose())
        self._run(self._loop.shutdown_asyncgens())
        self._loop.close()


Follow = Callable[..., EventStream]


@pytest.fixture(params=["threads", "asyncio"])
def open_stream(request: pytest.FixtureRequest) -> Iterator[Follow]:
    streams: list[Any] = []

    def start(endpoint: Endpoint | str, **settings: Any) -> Any:
        streams.append((follow if request.param == "threads" else AsyncAsSync)(endpoint, **settings))
        return streams[-1]

    yield start
    for stream in streams:
        stream.close()


def head_of(request: str, name: str) -> str | None:
    for line in request.split("\r\n")[1:]:
        key, _, value = line.partition(": ")
        if key.lower() == name.lower():
            return value
    return None


def test_goes_on_after_the_last_event_that_was_handed_out(
    open_stream: Follow, script: Script, never: threading.Event
) -> None:
    server = script(STREAM + event(1) + event(2), hold(STREAM + event(3), never))
    stream = open_stream(server.url, from_="0", retry=QUICK)
    assert [next(stream).event_id for _ in range(3)] == [event_id(1), event_id(2), event_id(3)]
    assert [head_of(head, "Last-Event-ID") for head in server.heads] == ["0", event_id(2)]
    assert server.heads[0].startswith("GET /ops?progress=1 ")


def test_an_event_that_is_cut_comes_again_whole(open_stream: Follow, script: Script, never: threading.Event) -> None:
    server = script(STREAM + event(1) + event(2)[:-1], hold(STREAM + event(2), never))
    stream = open_stream(server.url, retry=QUICK)
    assert [next(stream).event_id for _ in range(2)] == [event_id(1), event_id(2)]
    assert head_of(server.heads[1], "Last-Event-ID") == event_id(1)


def test_progress_moves_the_position_and_is_not_handed_out(
    open_stream: Follow, script: Script, never: threading.Event
) -> None:
    server = script(STREAM + control(7, "progress"), hold(STREAM + event(9), never))
    stream = open_stream(server.url, retry=QUICK)
    assert next(stream).event_id == event_id(9)
    assert head_of(server.heads[1], "Last-Event-ID") == event_id(7)


def test_events_of_unknown_names_are_passed_over(open_stream: Follow, script: Script, never: threading.Event) -> None:
    server = script(hold(STREAM + control(1, "later") + b"data: x\n\n" + control(2, "live"), never))
    assert next(open_stream(server.url)) == Live(event_id(2))


def test_an_event_of_an_unknown_name_does_not_move_the_position(
    open_stream: Follow, script: Script, never: threading.Event
) -> None:
    server = script(STREAM + event(1) + control(5, "later"), hold(STREAM + event(6), never))
    stream = open_stream(server.url, retry=QUICK)
    assert [next(stream).event_id for _ in range(2)] == [event_id(1), event_id(6)]
    assert head_of(server.heads[1], "Last-Event-ID") == event_id(1)


def test_silence_is_a_failure_and_heartbeats_are_no_silence(
    open_stream: Follow, script: Script, never: threading.Event
) -> None:
    def heartbeats(connection: Any) -> None:
        connection.sendall(STREAM)
        for _ in range(8):
            never.wait(0.1)
            connection.sendall(b":\n")
        connection.sendall(event(1))
        never.wait(60)

    server = script(heartbeats, hold(STREAM + event(2), never))
    stream = open_stream(server.url, retry=QUICK, silence=0.4)
    assert next(stream).event_id == event_id(1)
    assert len(server.heads) == 1
    assert next(stream).event_id == event_id(2)


def test_an_answer_that_does_not_come_is_silence(open_stream: Follow, script: Script, never: threading.Event) -> None:
    server = script(hold(b"", never), hold(STREAM + event(2), never))
    assert next(open_stream(server.url, retry=QUICK, silence=0.2)).event_id == event_id(2)


def test_waits_as_long_as_the_server_asks(open_stream: Follow, script: Script, never: threading.Event) -> None:
    server = script(answer(503, "Retry-After: 1\r\n"), hold(STREAM + event(1), never))
    began = time.monotonic()
    next(open_stream(server.url, retry=QUICK))
    assert time.monotonic() - began >= 1


def test_retry_of_the_server_replaces_the_first_wait(
    open_stream: Follow, script: Script, never: threading.Event
) -> None:
    server = script(STREAM + b"retry: 200\n\n", hold(STREAM + event(1), never))
    began = time.monotonic()
    next(open_stream(server.url))  # whose own first wait is at least half a second
    assert 0.1 <= time.monotonic() - began < 0.5


def test_an_event_that_arrives_begins_the_count_anew(
    open_stream: Follow, script: Script, never: threading.Event
) -> None:
    server = script(*(STREAM + event(n) for n in range(1, 9)), hold(STREAM, never))
    stream = open_stream(server.url, retry=RetryPolicy(first=0.1, longest=10, give_up_after=0.3))
    assert [next(stream).event_id for _ in range(8)] == [event_id(n) for n in range(1, 9)]


def test_gives_up_when_the_policy_says_so(open_stream: Follow) -> None:
    stream = open_stream(f"127.0.0.1:{free_port()}", retry=RetryPolicy(0.05, 0.1, give_up_after=0.3))
    with pytest.raises(UnavailableError, match="cannot connect to http://127"):
        next(stream)


@pytest.mark.parametrize(
    ("sent", "reason", "detail"),
    [
        (answer(401), Reason.NO_PASSWORD, ""),
        (answer(400, body=b'{"title":"x","detail":"types must\\u0020not"}'), Reason.INVALID, "types must not"),
        (answer(404, body=b"<html>\n nothing " + b"x" * 100_000), Reason.NOT_OPLOG, "<html> nothing x"),
        (answer(302, "Location: http://u:secret@example.com/?a=secret\r\n"), Reason.NOT_OPLOG, ""),
        (answer(200, "Content-Type: text/html\r\n"), Reason.NOT_OPLOG, ""),
        (answer(200, "Content-Type: text/event-stream\r\nContent-Encoding: br\r\n"), Reason.NOT_OPLOG, ""),
    ],
)
def test_a_refusal_is_final(open_stream: Follow, script: Script, sent: bytes, reason: Reason, detail: str) -> None:
    server = script(sent)
    with pytest.raises(RefusedError) as caught:
        next(open_stream(server.url))
    assert caught.value.reason is reason
    assert caught.value.detail.startswith(detail)
    assert len(str(caught.value)) < 700
    assert "secret" not in str(caught.value)
    assert len(server.heads) == 1


def test_a_body_of_a_refusal_that_does_not_end_is_not_read(
    open_stream: Follow, script: Script, never: threading.Event
) -> None:
    def endless(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 404 X\r\nConnection: close\r\n\r\n")
        while not never.is_set():
            connection.sendall(b"x" * 65536)

    with pytest.raises(RefusedError):
        next(open_stream(script(endless).url))


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b"id: 1\nevent: live\ndata: {}\n\n", "24 lower-case hex digits: 1: id 1, live, data {}"),
        (b"id: " + event_id(1).encode() + b"\0\nevent: live\ndata: {}\n\n", "24 lower-case hex digits"),
        (b"id: " + event_id(1).encode() + b"\nevent: insert\ndata: nonsense\n\n", "no JSON"),
        (b"id: " + event_id(1).encode() + b"\nevent: insert\ndata: " + b"[" * 500_000 + b"\n\n", "no JSON"),
        (event(1, id_="\ud800"), "surrogate"),
        (b"data: " + b"x" * (1 << 20), "a line must have at most 1048576 bytes"),
        ((b"data: " + b"x" * 1_000_000 + b"\n") * 5, "an event must have at most 4194304 bytes"),
    ],
)
def test_what_is_no_stream_of_ours_is_told(open_stream: Follow, script: Script, sent: bytes, message: str) -> None:
    server = script(STREAM + sent)
    with pytest.raises(MalformedStreamError) as caught:
        next(open_stream(server.url))
    assert message in str(caught.value)
    assert server.url in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_an_endless_line_needs_no_endless_memory(open_stream: Follow, script: Script, never: threading.Event) -> None:
    def endless(connection: Any) -> None:
        connection.sendall(STREAM)
        while not never.is_set():
            connection.sendall(b"x" * 65536)

    stream = open_stream(script(endless).url)
    tracemalloc.start()
    with pytest.raises(MalformedStreamError, match="a line"):
        next(stream)
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_garbage_that_is_no_http_is_a_broken_connection(open_stream: Follow, script: Script) -> None:
    stream = open_stream(script(b"\x00garbage\r\n\r\n").url, retry=RetryPolicy(0.01, 0.05, give_up_after=0.2))
    with pytest.raises(UnavailableError, match=r"the connection to .* broke"):
        next(stream)


def test_the_password_is_sent_and_not_shown(open_stream: Follow, script: Script) -> None:
    server = script(answer(401))
    endpoint = Endpoint(server.url, "s3cret")
    with pytest.raises(RefusedError) as caught:
        next(open_stream(endpoint))
    assert caught.value.reason is Reason.UNAUTHORIZED
    assert head_of(server.heads[0], "Authorization") == "Basic b3Bsb2c6czNjcmV0"
    assert "s3cret" not in f"{endpoint} {endpoint!r} {caught.value}"


def test_who_is_forbidden_without_a_password_is_told_of_one(open_stream: Follow, script: Script) -> None:
    server = script(answer(403))
    with pytest.raises(RefusedError, match=f"^{server.url} wants a password$") as caught:
        next(open_stream(server.url))
    assert caught.value.reason is Reason.UNAUTHORIZED


def test_after_close_there_is_nothing(open_stream: Follow, script: Script, never: threading.Event) -> None:
    server = script(hold(STREAM + event(1) + event(2), never))
    stream = open_stream(server.url)
    next(stream)
    stream.shut()
    with pytest.raises(ClosedError):
        next(stream)


@pytest.mark.parametrize("start", [b"", STREAM, answer(503, "Retry-After: 60\r\n")])
def test_close_wakes_a_thread_that_waits(script: Script, never: threading.Event, start: bytes) -> None:
    server = script(hold(start, never))
    stream = follow(server.url)
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            next(stream)
        except BaseException as e:
            errors.append(e)

    thread = threading.Thread(target=wait)
    thread.start()
    await_(lambda: server.heads)
    stream.close()
    thread.join(5)
    assert [type(e) for e in errors] == [ClosedError]


@pytest.mark.parametrize("start", [b"", STREAM, answer(503, "Retry-After: 60\r\n")])
async def test_aclose_wakes_a_task_that_waits(script: Script, never: threading.Event, start: bytes) -> None:
    server = script(hold(start, never))
    stream = follow_async(server.url)
    waiting = asyncio.ensure_future(anext(stream))
    while not server.heads:
        await asyncio.sleep(0.01)
    await stream.aclose()
    with pytest.raises(ClosedError):
        await asyncio.wait_for(waiting, 5)


async def test_a_wait_that_is_cancelled_loses_nothing(script: Script, never: threading.Event) -> None:
    later = threading.Event()

    def two(connection: Any) -> None:
        connection.sendall(STREAM + event(1))
        later.wait(60)

    server = script(two, hold(STREAM + event(2), never))
    async with follow_async(server.url, retry=QUICK) as stream:
        assert (await anext(stream)).event_id == event_id(1)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(stream), 0.1)
        later.set()
        assert (await anext(stream)).event_id == event_id(2)
        assert head_of(server.heads[1], "Last-Event-ID") == event_id(1)


async def test_a_wait_that_is_cancelled_keeps_the_connection(script: Script, never: threading.Event) -> None:
    asked = threading.Event()

    def late(connection: Any) -> None:
        asked.wait(60)
        connection.sendall(STREAM)
        for number in (1, 2):
            never.wait(0.3)
            connection.sendall(event(number))
        never.wait(60)

    server = script(late)
    got: list[str] = []
    async with follow_async(server.url) as stream:  # from now: what comes meanwhile would be missed
        while len(got) < 2:
            try:
                got.append((await asyncio.wait_for(anext(stream), 0.1)).event_id)
            except asyncio.TimeoutError:
                asked.set()
    assert got == [event_id(1), event_id(2)]
    assert len(server.heads) == 1


async def test_a_wait_that_is_cancelled_makes_no_attempt_come_sooner(script: Script, never: threading.Event) -> None:
    server = script(answer(503, "Retry-After: 1\r\n"), hold(STREAM + event(1), never))
    began = time.monotonic()
    got: list[str] = []
    async with follow_async(server.url, retry=QUICK) as stream:
        while not got:
            with contextlib.suppress(asyncio.TimeoutError):
                got.append((await asyncio.wait_for(anext(stream), 0.05)).event_id)
    assert time.monotonic() - began >= 1
    assert len(server.heads) == 2


async def test_a_wait_may_be_cancelled_at_any_moment(script: Script, never: threading.Event) -> None:
    def cut(start: int) -> bytes:
        return STREAM + b"retry: 1\n\n" + b"".join(event(number) for number in range(start, start + 5))

    numbers = random.Random(seed())
    server = script(*(cut(start) for start in range(1, 200, 5)), hold(STREAM, never))
    got: list[int] = []
    async with follow_async(server.url, from_="0", retry=RetryPolicy(0.001, 0.002)) as stream:
        while len(got) < 200:
            waiting = asyncio.ensure_future(anext(stream))
            for _ in range(numbers.randrange(7)):
                await asyncio.sleep(0)
            if numbers.random() < 0.3:
                await asyncio.sleep(0.001)
            if not waiting.done():
                waiting.cancel()
            await asyncio.wait({waiting})
            if not waiting.cancelled():
                got.append(int(waiting.result().event_id, 16) & 0xFFFF)
    assert got == list(range(1, 201))


def test_close_wakes_who_waits_on_a_connection_that_could_be_used_again(script: Script, never: threading.Event) -> None:
    chunked = STREAM.replace(b"Connection: close", b"Transfer-Encoding: chunked")

    def twice(connection: Any) -> None:
        connection.sendall(chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(event(1)), event(1)))
        if connection.recv(65536):
            server.heads.append("on the same connection")
            connection.sendall(chunked)
            never.wait(60)

    server = script(twice, hold(chunked, never))
    stream = follow(server.url, retry=QUICK)
    next(stream)
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            next(stream)
        except BaseException as e:
            errors.append(e)

    thread = threading.Thread(target=wait)
    thread.start()
    await_(lambda: len(server.heads) == 2)
    time.sleep(0.1)  # it reads
    stream.close()
    thread.join(5)
    assert [type(e) for e in errors] == [ClosedError]


def test_close_while_a_connection_begins_is_a_close(open_stream: Follow, script: Script) -> None:
    stream: Any = open_stream(script(STREAM).url)
    inner = getattr(stream, "_stream", stream)
    request = inner._request

    def close_first(seconds: float) -> Any:
        inner.shut()
        if inner is stream:
            inner._http.close()
        return request(seconds)

    inner._request = close_first
    with pytest.raises(ClosedError):
        next(stream)


async def test_a_stream_that_is_shut_while_it_loads_does_not_connect(script: Script, never: threading.Event) -> None:
    class Slow:
        async def load(self) -> str | None:
            stream.shut()
            return None

        async def save(self, checkpoint: str) -> None:
            raise AssertionError

    server = script(hold(STREAM, never))
    stream = follow_async(server.url, store=Slow())
    with pytest.raises(ClosedError):
        await asyncio.wait_for(anext(stream), 5)
    assert server.heads == []
    await stream.aclose()


def test_what_is_no_event_of_ours_is_not_passed_over(open_stream: Follow, script: Script) -> None:
    bad = b"id: " + event_id(2).encode() + b"\nevent: insert\ndata: nonsense\n\n"
    stream = open_stream(script(STREAM + event(1) + bad + event(3)).url)
    stream.acknowledge(next(stream))
    for _ in range(2):
        with pytest.raises(MalformedStreamError):
            next(stream)
    assert stream.checkpoint == stream.last_event_id == event_id(1)


def test_a_refusal_whose_body_does_not_come_is_one(open_stream: Follow, script: Script, never: threading.Event) -> None:
    stream = open_stream(script(hold(b"HTTP/1.1 401 X\r\nContent-Length: 9\r\n\r\nno", never)).url, silence=0.2)
    with pytest.raises(RefusedError) as caught:
        next(stream)
    assert (caught.value.reason, caught.value.detail) == (Reason.NO_PASSWORD, "no")


def test_a_refusal_whose_body_drips_is_read_for_a_moment(
    open_stream: Follow, script: Script, never: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 404 X\r\nContent-Length: 1000\r\n\r\n")
        while not never.wait(0.02):
            connection.sendall(b"x")

    monkeypatch.setattr("oplog_client.wire.EXPLANATION", 0.2)
    with pytest.raises(RefusedError):
        next(open_stream(script(drip).url))


@pytest.mark.parametrize("piece", [b"x", b"HTTP/1.1 103 X\r\n\r\n"])
def test_a_head_that_does_not_end_is_given_up(
    open_stream: Follow, script: Script, never: threading.Event, piece: bytes
) -> None:
    def drip(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 103 X\r\n\r\n")
        while not never.wait(0.02):
            connection.sendall(piece)

    server = script(drip, hold(STREAM + event(1), never))
    assert next(open_stream(server.url, retry=QUICK, silence=0.2)).event_id == event_id(1)


def test_cookies_are_not_kept(open_stream: Follow, script: Script, never: threading.Event) -> None:
    server = script(answer(503, "Set-Cookie: a=b\r\n"), hold(STREAM + event(1), never))
    next(open_stream(server.url, retry=QUICK))
    assert head_of(server.heads[1], "Cookie") is None


@pytest.mark.parametrize("silence", [0, -1, float("nan"), float("inf")])
def test_silence_is_a_time(silence: float) -> None:
    with pytest.raises(ValueError, match="more than 0 seconds"):
        follow("localhost", silence=silence)


def test_an_error_is_one_line(open_stream: Follow, script: Script) -> None:
    sent = b"id: " + event_id(1).encode() + b"\nevent: live\x1b[2J\nevent: insert\ndata: a\ndata: b\x1b[2J\n\n"
    with pytest.raises(MalformedStreamError) as caught:
        next(open_stream(script(STREAM + sent).url))
    assert str(caught.value).isprintable()
    with pytest.raises(RefusedError) as refused:
        next(open_stream(script(answer(400, body=b'{"detail":"a\\u001b[2J\\nb"}')).url))
    assert str(refused.value).isprintable()


def test_events_are_what_they_are(open_stream: Follow, script: Script, never: threading.Event) -> None:
    operation = next(open_stream(script(hold(STREAM + event(1, "delete"), never)).url))
    assert operation == Operation("delete", "video", "x1", (), "2014-11-06T11:04:39.041Z", None, event_id(1))
    assert len({operation, operation}) == 1
