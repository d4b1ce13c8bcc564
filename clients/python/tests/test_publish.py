"""Publishers, beside the real server and against scripted answers."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers import HarmfulProxy, Listener, Oplog, Scripted, answer, await_, free_port, seed

from oplog_client import (
    AsyncPublisher,
    ClosedError,
    Operation,
    Publisher,
    Reason,
    RefusedError,
    RetryPolicy,
    UdpPublisher,
    UnavailableError,
    follow,
)
from oplog_client.batching import MOST_WAITING, MOST_WAITING_BYTES, line_of

QUICK = RetryPolicy(first=0.05, longest=0.2, give_up_after=60)
STORED = answer(204, "Oplog-Event-Id: 6920c0de0001000000000a2f\r\n")


def change(number: int, **fields: Any) -> Operation:
    return Operation(**{"kind": "update", "type": "video", "id": f"x{number}", "parents": ("user/u1",), **fields})


class AsyncAsSync:
    """Runs the asynchronous publisher as if it were the other one, so that each case is a case of both."""

    def __init__(self, url: str, **settings: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._publisher = self._run(self._open(url, settings)).result()

    async def _open(self, url: str, settings: Any) -> AsyncPublisher:
        return AsyncPublisher(url, **settings)

    def _run(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop)

    def submit(self, operation: Operation) -> Any:
        return self._run(self._end(self._run(self._publisher.submit(operation)).result()))

    async def _end(self, promise: asyncio.Future[str]) -> str:
        return await promise

    def publish(self, operation: Operation) -> Any:
        return self._run(self._publisher.publish(operation)).result()

    def flush(self) -> None:
        self._run(self._publisher.flush()).result()

    def close(self) -> None:
        self._run(self._publisher.aclose()).result()


Open = Callable[..., Publisher]


@pytest.fixture(params=["threads", "asyncio"])
def open_publisher(
    request: pytest.FixtureRequest,
    stopping: Callable[[Listener], None],  # servers end after them
) -> Iterator[Open]:
    publishers: list[Any] = []

    def start(url: str, **settings: Any) -> Any:
        publishers.append((Publisher if request.param == "threads" else AsyncAsSync)(url, **settings))
        return publishers[-1]

    yield start
    for publisher in publishers:
        publisher.close()


@pytest.fixture
def script(stopping: Callable[[Listener], None]) -> Callable[..., Scripted]:
    def start(*answers: Any) -> Scripted:
        server = Scripted(*answers)
        stopping(server)
        return server

    return start


def script_late(script: Callable[..., Scripted], *answers: Any) -> tuple[Scripted, threading.Event]:
    """The first answer comes late, so that what is published meanwhile goes together."""
    let_go = threading.Event()

    def late(connection: socket.socket) -> None:
        let_go.wait(30)
        connection.sendall(STORED)

    return script(late, *(answers or (STORED,))), let_go


def ids(body: bytes) -> list[str]:
    text = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return [json.loads(line)["id"] for line in text.splitlines()]


def test_everything_is_stored_in_order_whatever_happens(
    open_publisher: Open, oplog: Oplog, stopping: Callable[[Listener], None]
) -> None:
    numbers = random.Random(seed())
    proxy = HarmfulProxy(oplog.port, numbers.randrange(1 << 30), most_bytes=2000)
    stopping(proxy)
    publisher = open_publisher(proxy.url, retry=QUICK)
    results = []
    for number in range(5000):
        results.append(publisher.submit(change(number)))
        if number in (1000, 3000):
            oplog.restart()
        if number % 250 == 0:
            publisher.flush()  # so that there are batches enough to be cut
    publisher.flush()
    assert all(len(result.result()) == 24 for result in results)
    seen: list[str] = []
    with follow(oplog.url, from_="0") as stream:
        for event in stream:
            if not isinstance(event, Operation):
                if type(event).__name__ == "Live":
                    break
                continue
            seen.append(event.id)
    assert seen == [f"x{number}" for number in range(5000)]
    assert proxy.cuts > 0


def test_an_operation_that_the_server_refuses_fails_alone(
    open_publisher: Open, shared_oplog: Oplog, request: pytest.FixtureRequest
) -> None:
    publisher = open_publisher(shared_oplog.url)
    type_ = request.node.callspec.id  # the other's objects have another
    bad = Operation("update", "a/b", "bad")
    results = [publisher.submit(change(n, type=type_) if n != 7 else bad) for n in range(20)]
    for number, result in enumerate(results):
        if number == 7:
            with pytest.raises(RefusedError, match="type") as caught:
                result.result()
            assert caught.value.reason is Reason.INVALID
            assert not caught.value.detail.startswith("line ")
        else:
            assert len(result.result()) == 24
    states = shared_oplog.states()
    assert {key for key in states if key[0] == type_} == {(type_, f"x{n}") for n in range(20) if n != 7}
    assert bad.id not in {id_ for _, id_ in states}


def test_what_waits_goes_in_one_batch_and_one_is_on_its_way(
    open_publisher: Open, script: Callable[..., Scripted]
) -> None:
    server, let_go = script_late(script)
    publisher = open_publisher(server.url)
    results = [publisher.submit(change(0))]
    await_(lambda: server.bodies)
    results += [publisher.submit(change(n)) for n in range(1, 1500)]
    assert len(server.bodies) == 1
    let_go.set()
    assert [result.result() for result in results] == ["6920c0de0001000000000a2f"] * 1500
    assert [len(ids(body)) for body in server.bodies] == [1, 1000, 499]
    assert [n for body in server.bodies for n in ids(body)] == [f"x{n}" for n in range(1500)]
    assert server.bodies[1][:2] == b"\x1f\x8b"
    assert "Content-Encoding: gzip" in server.heads[1]


def test_is_not_packed_where_that_is_not_understood(open_publisher: Open, script: Callable[..., Scripted]) -> None:
    server = script(answer(415), STORED)
    publisher = open_publisher(server.url)
    for number in range(2):
        publisher.publish(Operation("insert", "video", str(number) * 2000))
    assert [body[:1] for body in server.bodies] == [b"\x1f", b"{", b"{"]


def test_a_batch_has_at_most_a_mebibyte(open_publisher: Open, script: Callable[..., Scripted]) -> None:
    server, let_go = script_late(script)
    publisher = open_publisher(server.url)
    results = [publisher.submit(change(0))]
    await_(lambda: server.bodies)
    results += [publisher.submit(Operation("insert", "video", f"{n}" + "y" * 300_000)) for n in range(7)]
    let_go.set()
    for result in results:
        result.result()
    assert [len(ids(body)) for body in server.bodies] == [1, 3, 3, 1]


@pytest.mark.parametrize(
    ("most", "size"), [(MOST_WAITING, 1), (64, (MOST_WAITING_BYTES >> 6) - len(line_of(change(0, id="")) + b"\n"))]
)
def test_waits_while_too_many_wait(open_publisher: Open, script: Callable[..., Scripted], most: int, size: int) -> None:
    server, let_go = script_late(script)
    publisher = open_publisher(server.url)
    publisher.submit(change(0))
    await_(lambda: server.bodies)
    for _ in range(most):
        publisher.submit(change(0, id="x" * size))
    one_more = threading.Thread(target=publisher.submit, args=(change(0),))
    one_more.start()
    one_more.join(0.2)
    assert one_more.is_alive()
    let_go.set()
    one_more.join(10)
    assert not one_more.is_alive()


def test_a_batch_that_is_too_large_is_sent_in_halves_and_later_ones_are_no_larger(
    open_publisher: Open, script: Callable[..., Scripted]
) -> None:
    server, let_go = script_late(script, answer(413), answer(413), STORED)
    publisher = open_publisher(server.url)
    results = [publisher.submit(change(0))]
    await_(lambda: server.bodies)
    results += [publisher.submit(change(n)) for n in range(1000, 1500)]
    let_go.set()
    assert [result.result() for result in results] == ["6920c0de0001000000000a2f"] * 501
    assert [len(ids(body)) for body in server.bodies] == [1, 500, 250, 125, 125, 250]
    stored = server.bodies[3:]
    assert [n for body in stored for n in ids(body)] == [f"x{n}" for n in range(1000, 1500)]


def test_later_batches_are_no_larger_than_what_was_taken(open_publisher: Open, script: Callable[..., Scripted]) -> None:
    again = threading.Event()

    def late_again(connection: socket.socket) -> None:
        again.wait(30)
        connection.sendall(STORED)

    server, let_go = script_late(script, answer(413), STORED, late_again, STORED)
    publisher = open_publisher(server.url)
    publisher.submit(change(0))
    await_(lambda: server.bodies)
    for n in range(1000, 1500):
        publisher.submit(change(n))
    let_go.set()
    await_(lambda: len(server.bodies) == 4)
    for n in range(2000, 2600):
        publisher.submit(change(n))
    again.set()
    publisher.flush()
    assert [len(ids(body)) for body in server.bodies] == [1, 500, 250, 250, 250, 250, 100]


def test_an_operation_that_is_too_large_fails_alone(open_publisher: Open, script: Callable[..., Scripted]) -> None:
    let_go = threading.Event()

    def serve(connection: socket.socket) -> None:
        let_go.wait(30)
        too_large = any(len(id_) > 1000 for id_ in ids(server.bodies[-1]))
        connection.sendall(answer(413) if too_large else STORED)

    server = script(serve)
    publisher = open_publisher(server.url)
    results = [publisher.submit(change(n)) for n in range(7)]
    large = publisher.submit(change(7, id="y" * 2000))
    results += [publisher.submit(change(n)) for n in range(8, 20)]
    let_go.set()
    with pytest.raises(RefusedError) as caught:
        large.result()
    assert caught.value.reason is Reason.TOO_LARGE
    assert [result.result() for result in results] == ["6920c0de0001000000000a2f"] * 19


def test_flush_waits_for_what_was_before_and_not_for_what_comes_after(
    open_publisher: Open, script: Callable[..., Scripted]
) -> None:
    let_go = [threading.Event() for _ in range(3)]

    def held(until: threading.Event) -> Callable[[socket.socket], None]:
        def serve(connection: socket.socket) -> None:
            until.wait(30)
            connection.sendall(STORED)

        return serve

    server = script(*map(held, let_go))
    publisher = open_publisher(server.url)
    publisher.submit(change(0))
    await_(lambda: server.bodies)
    before = publisher.submit(change(1))
    flush = threading.Thread(target=publisher.flush)
    flush.start()
    flush.join(0.1)
    let_go[0].set()
    await_(lambda: len(server.bodies) == 2)
    after = publisher.submit(change(2))
    flush.join(0.1)
    assert flush.is_alive()
    let_go[1].set()
    flush.join(10)
    assert not flush.is_alive()
    assert (before.done(), after.done()) == (True, False)
    let_go[2].set()


def test_what_hears_of_an_end_must_not_wait_for_others(script: Callable[..., Scripted]) -> None:
    server, let_go = script_late(script, STORED)
    errors: list[BaseException] = []

    def flush(_: object) -> None:
        try:
            publisher.flush()
        except RuntimeError as e:
            errors.append(e)

    with Publisher(server.url) as publisher:
        first = publisher.submit(change(0))
        first.add_done_callback(flush)
        assert not first.cancel()
        await_(lambda: server.bodies)
        second = publisher.submit(change(1))
        let_go.set()
        second.result(10)
    assert "must not wait" in str(errors)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, Reason.NO_PASSWORD), (413, Reason.TOO_LARGE), (404, Reason.NOT_OPLOG), (400, Reason.INVALID)],
)
def test_a_refusal_fails_the_batch(
    open_publisher: Open, script: Callable[..., Scripted], status: int, reason: Reason
) -> None:
    publisher = open_publisher(script(answer(status)).url)
    with pytest.raises(RefusedError) as caught:
        publisher.publish(change(1))
    assert caught.value.reason is reason


def test_gives_up_when_the_policy_says_so(open_publisher: Open) -> None:
    publisher = open_publisher(f"127.0.0.1:{free_port()}", retry=RetryPolicy(0.05, 0.1, give_up_after=0.3))
    with pytest.raises(UnavailableError, match="cannot connect"):
        publisher.publish(change(1))


def test_close_sends_what_waits(open_publisher: Open, script: Callable[..., Scripted]) -> None:
    server = script(answer(503), STORED)
    publisher = open_publisher(server.url, retry=QUICK)
    result = publisher.submit(change(1))
    await_(lambda: server.bodies)
    publisher.close()
    assert result.result() == "6920c0de0001000000000a2f"
    with pytest.raises(ClosedError):
        publisher.publish(change(2))


def test_who_closes_it_waits_for_one_batch_that_is_given_up(
    open_publisher: Open, script: Callable[..., Scripted]
) -> None:
    closing = threading.Event()

    def busy(connection: socket.socket) -> None:
        closing.wait(30)
        connection.sendall(answer(503))

    server = script(busy)
    publisher = open_publisher(server.url, retry=RetryPolicy(0.005, 0.005, give_up_after=0.2))
    ends = [publisher.submit(change(number)) for number in range(5000)]
    threading.Thread(target=closing.set).start()
    publisher.close()
    for end in ends:
        with pytest.raises(UnavailableError):
            end.result(5)
    assert not any(b'"x4999"' in unpacked(body) for body in server.bodies)


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def test_datagrams_arrive(shared_oplog: Oplog) -> None:
    with UdpPublisher("127.0.0.1", shared_oplog.port) as publisher:
        publisher.publish(change(1, type="datagram"))
        await_(lambda: shared_oplog.states().get(("datagram", "x1")) == ("user/u1",))
        with pytest.raises(ValueError, match="65507"):
            publisher.publish(Operation("insert", "video", "x" * 65_507))


def test_a_text_is_no_list_of_parents(open_publisher: Open) -> None:
    with pytest.raises(TypeError, match="user/u1"):
        open_publisher("localhost").publish(Operation("insert", "video", "x1", parents="user/u1"))


@pytest.mark.parametrize("sent", [answer(200, body=b"<html>"), answer(204), answer(204, "Oplog-Event-Id: 7\r\n")])
def test_who_says_ok_and_names_no_event_has_stored_nothing(
    open_publisher: Open, script: Callable[..., Scripted], sent: bytes
) -> None:
    publisher = open_publisher(script(sent).url)
    with pytest.raises(RefusedError) as caught:
        publisher.publish(change(1))
    assert caught.value.reason is Reason.NOT_OPLOG


@pytest.mark.parametrize("piece", [b"x", b"HTTP/1.1 103 X\r\n\r\n"])
def test_a_head_that_does_not_end_is_given_up(
    open_publisher: Open, script: Callable[..., Scripted], piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oplog_client.wire.longest", lambda seconds: 0.3)

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 X\r\n\r\n")
        while True:
            connection.sendall(piece)
            threading.Event().wait(0.02)

    publisher = open_publisher(script(drip).url, retry=RetryPolicy(0.01, 0.02, give_up_after=0.1))
    with pytest.raises(UnavailableError):
        publisher.publish(change(1))


def test_what_hears_of_an_end_must_not_publish_and_wait(script: Callable[..., Scripted]) -> None:
    errors: list[BaseException] = []

    def publish(_: object) -> None:
        try:
            publisher.publish(change(2))
        except RuntimeError as e:
            errors.append(e)

    server, let_go = script_late(script, STORED)
    with Publisher(server.url) as publisher:
        publisher.submit(change(0)).add_done_callback(publish)
        let_go.set()
        await_(lambda: errors)
    assert "must not wait" in str(errors)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_thread_that_was_ended(script: Callable[..., Scripted]) -> None:
    def end(_: object) -> None:
        raise SystemExit

    server, let_go = script_late(script, STORED)
    publisher = Publisher(server.url)
    publisher.submit(change(0)).add_done_callback(end)
    await_(lambda: server.bodies)
    second = publisher.submit(change(1))
    let_go.set()
    with pytest.raises(ClosedError):
        second.result(5)
    publisher.flush()
    with pytest.raises(ClosedError):
        publisher.submit(change(2))
    publisher.close()


async def test_a_close_that_is_cancelled_leaves_nobody_waiting(script: Callable[..., Scripted]) -> None:
    ended = threading.Event()
    publisher = AsyncPublisher(script(lambda connection: ended.wait(30)).url)
    promises = [await publisher.submit(change(n)) for n in range(3)]
    flush = asyncio.create_task(publisher.flush())
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(publisher.aclose(), 0.2)
    for promise in promises:
        with pytest.raises(ClosedError):
            await asyncio.wait_for(promise, 5)
    await asyncio.wait_for(flush, 5)
    with pytest.raises(ClosedError):
        await asyncio.wait_for(publisher.publish(change(4)), 5)
    ended.set()


async def test_a_publish_that_is_cancelled_harms_no_other(script: Callable[..., Scripted]) -> None:
    server, let_go = script_late(script)
    async with AsyncPublisher(server.url) as publisher:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(publisher.publish(change(0)), 0.1)
        other = await publisher.submit(change(1))
        let_go.set()
        assert len(await other) == 24


def test_half_a_surrogate_pair_is_no_text(open_publisher: Open) -> None:
    with pytest.raises(ValueError, match="surrogate"):
        open_publisher("localhost").publish(Operation("insert", "video", "\ud800"))
