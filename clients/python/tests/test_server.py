"""The streams beside the real server, which is killed at random, behind a proxy that harms connections."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import HarmfulProxy, Listener, Oplog, Producer, State, await_, seed

from oplog_client import (
    AsyncEventStream,
    Event,
    EventStream,
    FileCheckpointStore,
    Live,
    Operation,
    Reset,
    RetryPolicy,
    follow,
    follow_async,
    process,
    process_async,
)

QUICK = RetryPolicy(first=0.05, longest=0.2)
Stopping = Callable[[Listener], None]


class Fold:
    """What a consumer holds. As in an index, a reset counts generations, and live removes what is of an older one."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[tuple[str, ...], int]] = {}
        self._generation = 0
        self._lock = threading.Lock()
        self.applied = 0

    def apply(self, event: Event) -> None:
        with self._lock:
            self.applied += 1
            if isinstance(event, Reset):
                self._generation += 1
            elif isinstance(event, Live):
                self._held = {key: held for key, held in self._held.items() if held[1] == self._generation}
            elif event.kind == "delete":
                self._held.pop((event.type, event.id), None)
            else:
                self._held[event.type, event.id] = (tuple(event.parents), self._generation)

    @property
    def states(self) -> State:
        with self._lock:
            return {key: held[0] for key, held in self._held.items()}


class Trouble:
    """Changes that go on while the server is killed and connections are cut; then a last change, and quiet."""

    def __init__(self, oplog: Oplog, proxy: HarmfulProxy, numbers: random.Random, kills: int = 3) -> None:
        self._oplog = oplog
        self._proxy = proxy
        self._random = numbers
        self._kills = kills

    def run(self) -> str:
        producer = Producer(self._oplog, self._random)
        try:
            for _ in range(self._kills):
                stored, cuts = producer.stored, self._proxy.cuts
                more = self._random.randrange(200, 800)
                await_(lambda: producer.stored > stored + more and self._proxy.cuts > cuts)  # noqa: B023
                self._oplog.restart()
        finally:
            producer.stop()
        return self._oplog.post({"event": "insert", "type": "end", "id": "end"})


@pytest.fixture
def numbers() -> random.Random:
    return random.Random(seed())


@pytest.fixture
def proxy(oplog: Oplog, numbers: random.Random, stopping: Stopping) -> HarmfulProxy:
    proxy = HarmfulProxy(oplog.port, numbers.randrange(1 << 30))
    stopping(proxy)
    return proxy


def is_end(event: Event) -> bool:
    return isinstance(event, Operation) and event.id == "end"


def until_end(stream: EventStream) -> Iterator[Event]:
    for event in stream:
        yield event
        if is_end(event):
            return


def test_a_stream_in_trouble_tells_everything(oplog: Oplog, proxy: HarmfulProxy, numbers: random.Random) -> None:
    trouble = threading.Thread(target=Trouble(oplog, proxy, numbers).run)
    trouble.start()
    fold = Fold()
    positions = []
    with follow(proxy.url, from_="0", retry=QUICK) as stream:
        for event in until_end(stream):
            fold.apply(event)
            positions.append(event.event_id[8:])
    trouble.join()
    assert fold.states == oplog.states()
    assert len(positions) > 600
    assert positions[1:] == sorted(positions[1:])


async def test_an_asynchronous_stream_in_trouble_tells_everything(
    oplog: Oplog, proxy: HarmfulProxy, numbers: random.Random
) -> None:
    trouble = asyncio.create_task(asyncio.to_thread(Trouble(oplog, proxy, numbers).run))
    fold = Fold()
    async with follow_async(proxy.url, from_="0", retry=QUICK) as stream:
        async for event in stream:
            fold.apply(event)
            if is_end(event):
                break
    await trouble
    assert fold.states == oplog.states()


def test_consumers_that_die_go_on_at_their_checkpoint(
    oplog: Oplog, proxy: HarmfulProxy, numbers: random.Random, tmp_path: Path
) -> None:
    trouble = threading.Thread(target=Trouble(oplog, proxy, numbers).run)
    trouble.start()
    fold = Fold()
    store = FileCheckpointStore(tmp_path / "checkpoint")
    lives = 0
    while not any(key[0] == "end" for key in fold.states):
        stream = follow(proxy.url, from_="0", store=store, save_every=0.01, retry=QUICK)
        lives += 1
        left = numbers.randrange(1, 400)
        for event in until_end(stream):
            fold.apply(event)
            stream.acknowledge(event)
            left -= 1
            if left == 0:
                break
        stream.shut()  # not closed: nothing more is saved
    trouble.join()
    assert lives > 1
    assert fold.states == oplog.states()


class Applying:
    """Takes its time, and looks whether any two operations on one object run at once."""

    def __init__(self, numbers: random.Random, fold: Fold) -> None:
        self._random = numbers
        self._fold = fold
        self._busy: set[tuple[str, str]] = set()
        self.most = 0
        self.end = ""

    def enter(self, event: Event) -> float:
        key = (event.type, event.id) if isinstance(event, Operation) else ("", type(event).__name__)
        assert key not in self._busy
        assert isinstance(event, Operation) or not self._busy
        assert ("", "Live") not in self._busy
        assert ("", "Reset") not in self._busy
        self._busy.add(key)
        self.most = max(self.most, len(self._busy))
        return self._random.random() / 500

    def leave(self, event: Event) -> bool:
        self._fold.apply(event)
        self._busy.discard((event.type, event.id) if isinstance(event, Operation) else ("", type(event).__name__))
        return event.event_id == self.end


def test_handlers_side_by_side_apply_everything(
    oplog: Oplog, proxy: HarmfulProxy, numbers: random.Random, tmp_path: Path
) -> None:
    fold = Fold()
    applying = Applying(numbers, fold)
    store = FileCheckpointStore(tmp_path / "checkpoint")
    stream = follow(proxy.url, from_="0", store=store, retry=QUICK)
    lock = threading.Lock()

    def handle(event: Event) -> None:
        with lock:
            pause = applying.enter(event)
        time.sleep(pause)
        with lock:
            applying.leave(event)

    running = threading.Thread(target=process, args=(stream, handle, 8))
    running.start()
    end = Trouble(oplog, proxy, numbers).run()
    await_(lambda: (stream.checkpoint or "") >= end, what="all is acknowledged")
    stream.close()
    running.join(10)
    assert not running.is_alive()
    assert applying.most > 1
    assert fold.states == oplog.states()
    assert (store.load() or "") >= end


async def test_asynchronous_handlers_apply_everything(
    oplog: Oplog, proxy: HarmfulProxy, numbers: random.Random, tmp_path: Path
) -> None:
    fold = Fold()
    applying = Applying(numbers, fold)
    store = FileCheckpointStore(tmp_path / "checkpoint")
    stream: AsyncEventStream = follow_async(proxy.url, from_="0", store=store, retry=QUICK)

    async def handle(event: Event) -> None:
        await asyncio.sleep(applying.enter(event))
        applying.leave(event)

    running = asyncio.create_task(process_async(stream, handle, 8))
    end = await asyncio.to_thread(Trouble(oplog, proxy, numbers).run)
    while (stream.checkpoint or "") < end:
        await asyncio.sleep(0.01)
    await stream.aclose()
    await asyncio.wait_for(running, 10)
    assert applying.most > 1
    assert fold.states == oplog.states()
    assert (store.load() or "") >= end
