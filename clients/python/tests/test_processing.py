"""Handlers side by side: what fails, what is a barrier, what ends it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import STREAM, Listener, Scripted, await_, control, event, event_id, hold

from oplog_client import (
    AsyncEventStream,
    Event,
    EventStream,
    FileCheckpointStore,
    Live,
    Operation,
    follow,
    follow_async,
    process,
    process_async,
)
from oplog_client.checkpoint import Acknowledgements


@pytest.fixture
def serve(stopping: Callable[[Listener], None]) -> Iterator[Callable[[bytes], str]]:
    ended = threading.Event()

    def start(events: bytes) -> str:
        server = Scripted(hold(STREAM + events, ended))
        stopping(server)
        return server.url

    yield start
    ended.set()


class Both:
    """Runs a handler of threads by either of the two."""

    def __init__(self, kind: str, url: str, **settings: Any) -> None:
        self._kind = kind
        self._url = url
        self._settings = settings
        self.stream: EventStream | AsyncEventStream | None = None
        self._shut: Callable[[], object] = lambda: None

    def process(self, handler: Callable[[Event], object], concurrency: int) -> None:
        if self._kind == "threads":
            self.stream = stream = follow(self._url, **self._settings)
            self._shut = stream.shut
            process(stream, handler, concurrency)
        else:
            asyncio.run(self._process_async(handler, concurrency))

    async def _process_async(self, handler: Callable[[Event], object], concurrency: int) -> None:
        self.stream = stream = follow_async(self._url, **self._settings)
        loop = asyncio.get_running_loop()
        self._shut = lambda: loop.call_soon_threadsafe(stream.shut)
        await process_async(stream, lambda event: asyncio.to_thread(handler, event), concurrency)

    def shut(self) -> None:
        self._shut()

    def is_shut(self) -> bool:
        return self.stream is not None and self.stream._closed.is_set()


@pytest.fixture(params=["threads", "asyncio"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_handler_that_fails_ends_it_and_is_not_acknowledged(
    kind: str, serve: Callable[[bytes], str], tmp_path: Path
) -> None:
    store = FileCheckpointStore(tmp_path / "checkpoint")
    both = Both(kind, serve(b"".join(event(n) for n in range(1, 4))), store=store)
    third_runs = threading.Event()
    done: list[str] = []

    def handle(given: Event) -> None:
        if given.event_id == event_id(2):
            third_runs.wait(10)
            raise LookupError("no")
        if given.event_id == event_id(3):
            third_runs.set()
            await_(both.is_shut)  # it runs still when the other has failed
        done.append(given.event_id)

    with pytest.raises(LookupError, match="no"):
        both.process(handle, 8)
    assert sorted(done) == [event_id(1), event_id(3)]
    assert store.load() == event_id(1)


async def test_a_handler_that_was_cancelled_has_failed(serve: Callable[[bytes], str]) -> None:
    async def handle(given: Event) -> None:
        raise asyncio.CancelledError

    stream = follow_async(serve(event(1) + control(2, "live")))
    running = asyncio.create_task(process_async(stream, handle))
    await asyncio.wait({running}, timeout=5)
    assert running.cancelled()


@pytest.mark.parametrize("times", [1, 2])
async def test_handlers_are_cancelled_with_their_process(serve: Callable[[bytes], str], times: int) -> None:
    running = ended = 0

    async def handle(given: Event) -> None:
        nonlocal running, ended
        running += 1
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            ended += 1

    stream = follow_async(serve(b"".join(event(n) for n in range(1, 10))))
    processing = asyncio.create_task(process_async(stream, handle, 3))
    while running < 3:
        await asyncio.sleep(0.01)
    for _ in range(times):
        processing.cancel()
        await asyncio.sleep(0.01)
    await asyncio.wait({processing}, timeout=5)
    assert processing.cancelled()
    assert running == 3
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert stream.checkpoint is None


def test_what_did_not_begin_before_a_close_does_not(kind: str, serve: Callable[[bytes], str]) -> None:
    both = Both(kind, serve(b"".join(event(n) for n in range(1, 200))))
    handled: list[str] = []

    def handle(given: Event) -> None:
        handled.append(given.event_id)
        both.shut()
        await_(both.is_shut)

    both.process(handle, 1)
    assert len(handled) <= 2


def test_a_barrier_waits_for_all_and_all_wait_for_it(kind: str, serve: Callable[[bytes], str]) -> None:
    both = Both(kind, serve(event(1) + event(2) + control(3, "live") + event(4)))
    log: list[tuple[str, str]] = []

    def handle(given: Event) -> None:
        log.append(("begin", given.event_id))
        time.sleep(0.05)
        log.append(("end", given.event_id))
        if given.event_id == event_id(4):
            both.shut()

    both.process(handle, 4)
    at = log.index(("begin", event_id(3)))
    assert {id_ for _, id_ in log[:at]} == {event_id(1), event_id(2)}
    assert at == 4
    assert log[at:] == [(what, event_id(n)) for n in (3, 4) for what in ("begin", "end")]


def test_a_busy_object_does_not_hold_others_and_keeps_its_order(kind: str, serve: Callable[[bytes], str]) -> None:
    busy = b"".join(event(n, id_="same") for n in range(1, 4))
    both = Both(kind, serve(busy + event(4)))
    other_ran = threading.Event()
    order: list[str] = []

    def handle(given: Event) -> None:
        assert isinstance(given, Operation)
        if given.id == "same":
            assert other_ran.wait(10)
            order.append(given.event_id)
            if len(order) == 3:
                both.shut()
        else:
            other_ran.set()

    both.process(handle, 2)
    assert order == [event_id(1), event_id(2), event_id(3)]


def test_there_is_at_least_one_handler(serve: Callable[[bytes], str]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        process(follow(serve(b"")), print, 0)


class Saves:
    """Counts."""

    def __init__(self, loaded: str | None = None) -> None:
        self._loaded = loaded
        self.saved: list[str] = []

    def load(self) -> str | None:
        return self._loaded

    def save(self, checkpoint: str) -> None:
        self.saved.append(checkpoint)


class AsyncSaves:
    def __init__(self, saves: Saves) -> None:
        self._saves = saves

    async def load(self) -> str | None:
        return self._saves.load()

    async def save(self, checkpoint: str) -> None:
        self._saves.save(checkpoint)


def test_is_saved_not_too_often_and_at_the_end(serve: Callable[[bytes], str]) -> None:
    saves = Saves()
    with follow(serve(b"".join(event(n) for n in range(1, 100))), store=saves, save_every=60) as stream:
        for _ in range(99):
            stream.acknowledge(next(stream))
        assert saves.saved == []
    assert saves.saved == [event_id(99)]


def test_begins_at_the_checkpoint_and_not_at_from(stopping: Callable[[Listener], None]) -> None:
    ended = threading.Event()
    server = Scripted(hold(STREAM + control(9, "live"), ended))
    stopping(server)
    with follow(server.url, from_="0", store=Saves(event_id(5))) as stream:
        assert stream.checkpoint == event_id(5)
        assert next(stream) == Live(event_id(9))
    assert f"Last-Event-ID: {event_id(5)}" in server.heads[0]
    ended.set()


@pytest.mark.parametrize("wrap", [lambda saves: saves, AsyncSaves])
async def test_an_asynchronous_stream_takes_stores_of_both_kinds(serve: Callable[[bytes], str], wrap: Any) -> None:
    saves = Saves(event_id(5))
    async with follow_async(serve(event(7)), store=wrap(saves)) as stream:
        stream.acknowledge(await anext(stream))
        assert stream.checkpoint == event_id(7)
    assert saves.saved == [event_id(7)]


def test_a_file_holds_a_checkpoint_or_is_not_there(tmp_path: Path) -> None:
    store = FileCheckpointStore(tmp_path / "checkpoint")
    assert store.load() is None
    store.save(event_id(1))
    store.save(event_id(2))
    assert FileCheckpointStore(tmp_path / "checkpoint").load() == event_id(2)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
    (tmp_path / "checkpoint").write_text("nonsense")
    with pytest.raises(ValueError, match="no event id"):
        store.load()


def test_what_another_stream_handed_out_changes_nothing(serve: Callable[[bytes], str]) -> None:
    with follow(serve(event(1))) as stream, follow(serve(event(2))) as other:
        mine, foreign = next(stream), next(other)
        stream.acknowledge(foreign)
        stream.acknowledge(Operation("insert", "video", "x", event_id=event_id(1)))
        assert stream.checkpoint is None
        for _ in range(2):
            stream.acknowledge(mine)
            assert stream.checkpoint == event_id(1)


def test_what_is_acknowledged_out_of_turn_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oplog_client.checkpoint._MOST_OUT_OF_TURN", 3)
    acknowledgements = Acknowledgements()
    first, *others = [acknowledgements.hand_out() for _ in range(5)]
    for number in others[:3]:
        acknowledgements.acknowledge(number, "later")
    with pytest.raises(RuntimeError, match="3 events"):
        acknowledgements.acknowledge(others[3], "later")
    acknowledgements.acknowledge(first, "first")
    acknowledgements.acknowledge(others[3], "last")
    assert acknowledgements.checkpoint == "last"
