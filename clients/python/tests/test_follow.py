"""The streams, against scripted answers: what the real server does not do when it is asked to."""

from __future__ import annotations

import asyncio
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers import STREAM, Scripted, answer, await_, control, event, event_id, free_port, hold

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
        for _ in stream:
            pass


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


def test_events_are_what_they_are(open_stream: Follow, script: Script, never: threading.Event) -> None:
    operation = next(open_stream(script(hold(STREAM + event(1, "delete"), never)).url))
    assert operation == Operation("delete", "video", "x1", (), "2014-11-06T11:04:39.041Z", None, event_id(1))
    assert len({operation, operation}) == 1
