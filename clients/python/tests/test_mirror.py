"""Mirrors beside the real server: cut within replications, told to begin anew, and with fetches that fail."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from servers import STREAM, HarmfulProxy, Listener, Oplog, Scripted, State, await_, event, event_id, hold, seed

from oplog_client import (
    AsyncMirror,
    ClosedError,
    Live,
    Mirror,
    MirrorProgress,
    Operation,
    Put,
    RemoveOlder,
    Reset,
    RetryPolicy,
)
from oplog_client.mirroring import Batch, Change, Meter, Remove, needs_fetch

QUICK = RetryPolicy(first=0.02, longest=0.1)


class Source:
    """The producer's own data, which objects are fetched from; a share of the fetches fails."""

    def __init__(self, oplog: Oplog, numbers: random.Random) -> None:
        self._oplog = oplog
        self._random = numbers
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.failures = 0
        self.share = 0.1

    def change(self, count: int, objects: int = 2000) -> None:
        operations = []
        for _ in range(count):
            key = ("video", f"x{self._random.randrange(objects)}")
            parents = [f"user/u{self._random.randrange(5)}"]
            old = self.objects.get(key)
            if old is not None and self._random.random() < 0.3:
                del self.objects[key]
                operations.append({"event": "delete", "type": key[0], "id": key[1], "parents": old["parents"]})
            else:
                self.objects[key] = {"parents": parents, "version": self._random.random()}
                said = sorted({*parents, *(old["parents"] if old else [])})  # a move names both
                operations.append({"event": "update", "type": key[0], "id": key[1], "parents": said})
        self._oplog.post(*operations)

    def announce_all(self) -> None:
        """To a log that has lost everything."""
        self._oplog.post(
            *({"event": "insert", "type": t, "id": i, "parents": o["parents"]} for (t, i), o in self.objects.items())
        )

    def fetch(self, operation: Operation) -> dict[str, Any] | None:
        if self._random.random() < self.share:
            self.failures += 1
            raise OSError("the source is away")
        return self.objects.get((operation.type, operation.id))

    async def fetch_async(self, operation: Operation) -> dict[str, Any] | None:
        await asyncio.sleep(0)
        return self.fetch(operation)


class Target:
    """A database of which every commit is durable as a whole; it may be told to fail."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Put] = {}
        self.checkpoint: str | None = None
        self.fail_after = -1
        self.resets = 0
        self.cut_in_reset = 0

    def load(self) -> str | None:
        return self.checkpoint

    def commit(self, changes: Sequence[Change], checkpoint: str) -> None:
        self.fail_after -= 1
        if self.fail_after == 0:
            self.cut_in_reset += (self.checkpoint or "").endswith("reset")
            raise ConnectionError("the database is away")
        for change in changes:
            if isinstance(change, Put):
                self.rows[change.type, change.id] = change
            elif isinstance(change, Remove):
                self.rows.pop((change.type, change.id), None)
            else:
                assert isinstance(change, RemoveOlder)
                assert checkpoint.endswith(" live")
                self.resets += 1
                self.rows = {key: row for key, row in self.rows.items() if row.generation >= change.generation}
        self.checkpoint = checkpoint

    def objects(self) -> dict[tuple[str, str], Any]:
        return {key: row.object for key, row in self.rows.items()}


class AsyncTarget:
    def __init__(self, target: Target) -> None:
        self._target = target

    async def load(self) -> str | None:
        return self._target.load()

    async def commit(self, changes: Sequence[Change], checkpoint: str) -> None:
        await asyncio.sleep(0)
        self._target.commit(changes, checkpoint)


class Running:
    """A mirror in a thread, of either kind, that is begun anew as often as its target fails."""

    def __init__(self, kind: str, url: str, source: Source, target: Target, **settings: Any) -> None:
        self._make = self._make_sync if kind == "threads" else self._make_async
        self._url, self._source, self._target = url, source, target
        self._settings: dict[str, Any] = {
            "retry": QUICK, "fetch_retry": QUICK, "attempts": 50, "batch": 20, **settings
        }  # fmt: skip
        self._stopped = False
        self._close: Callable[[], object] = lambda: None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stopped:
                try:
                    self._make()
                except ConnectionError:
                    continue
        except BaseException as e:
            self.error = e

    def _make_sync(self) -> None:
        mirror = Mirror(self._url, self._source.fetch, self._target, **self._settings)
        self._close = mirror.close
        mirror.run()

    def _make_async(self) -> None:
        asyncio.run(self._run_async())

    async def _run_async(self) -> None:
        mirror = AsyncMirror(self._url, self._source.fetch_async, AsyncTarget(self._target), **self._settings)
        loop = asyncio.get_running_loop()
        self._close = lambda: loop.call_soon_threadsafe(mirror.close)
        try:
            await mirror.run()
        finally:
            self._close = lambda: None

    def stop(self) -> None:
        self._stopped = True
        self._close()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture(params=["threads", "asyncio"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def keys(states: State) -> set[tuple[str, str]]:
    return set(states)


def test_a_mirror_is_the_same_after_each_trouble(kind: str, oplog: Oplog, stopping: Callable[[Listener], None]) -> None:
    numbers = random.Random(seed())
    source = Source(oplog, numbers)
    target = Target()
    source.change(3000)
    proxy = HarmfulProxy(oplog.port, numbers.randrange(1 << 30), most_bytes=100_000)
    stopping(proxy)
    target.fail_after = 5
    told: list[MirrorProgress] = []
    running = Running(kind, proxy.url, source, target, on_progress=told.append)

    def is_same() -> bool:
        assert running.error is None, running.error
        return target.objects() == source.objects and (target.checkpoint or "").endswith("live")

    def require_same() -> None:
        await_(is_same, 40, f"the mirror is the same; it stands at {target.checkpoint}")
        assert keys(oplog.states()) == set(target.objects())

    try:
        require_same()
        assert (proxy.cuts, target.resets, target.cut_in_reset) >= (1, 1, 1)
        source.change(500)
        oplog.restart()
        source.change(500)
        require_same()
        for _ in range(2):  # another log, that knows less: what it does not tell of is to go
            for key in numbers.sample(sorted(source.objects), 300):
                del source.objects[key]
            resets = target.resets
            target.fail_after = numbers.randrange(2, 12)
            oplog.wipe()
            source.announce_all()
            await_(lambda: target.resets > resets, 40, "the reset")  # noqa: B023
            source.change(200)
            require_same()
        assert source.failures > 0
        assert target.cut_in_reset > 0
        assert told
        assert max(progress.replicated for progress in told) > 0  # the last run may have had nothing to do
    finally:
        running.stop()
    assert running.error is None


def test_a_mirror_of_parents_holds_theirs_only(kind: str, shared_oplog: Oplog) -> None:
    source = Source(shared_oplog, random.Random(1))
    source.share = 0
    source.objects = {("video", i): {"parents": [f"user/{i[0]}"]} for i in ("a1", "a2", "b1")}
    source.announce_all()
    target = Target()
    running = Running(kind, shared_oplog.url, source, target, parents=["user/a"])
    try:
        await_(lambda: set(target.objects()) == {("video", "a1"), ("video", "a2")})
        shared_oplog.post({"event": "delete", "type": "video", "id": "a1", "parents": ["user/a"]})
        await_(lambda: set(target.objects()) == {("video", "a2")})
    finally:
        running.stop()
    assert running.error is None


def test_an_operation_without_our_parents_is_a_removal() -> None:
    ours = frozenset(["user/u1"])
    assert needs_fetch(Operation("update", "video", "x", ["user/u1", "user/u2"]), ours)
    assert not needs_fetch(Operation("update", "video", "x", ["user/u2"]), ours)
    assert needs_fetch(Operation("update", "video", "x", ["user/u2"]), frozenset())
    assert not needs_fetch(Operation("delete", "video", "x", ["user/u1"]), ours)


def test_a_replication_that_was_cut_before_its_live_ends_with_it() -> None:
    batch = Batch(f"{event_id(7)} 3 reset")
    assert batch.is_empty
    batch.add(Live(event_id(7)), None)  # it has the position of the last state
    assert not batch.is_empty
    assert (batch.changes, batch.checkpoint) == ([RemoveOlder(3)], f"{event_id(7)} 3 live")
    batch.committed()
    assert batch.is_empty


def test_progress_is_told_when_live_and_once_a_second() -> None:
    now = [0.0]
    told: list[tuple[int, bool]] = []
    meter = Meter(lambda progress: told.append((progress.replicated, progress.live)), lambda: now[0])
    steps = [(0.5, 10, False), (1.0, 10, False), (1.5, 10, True), (1.6, 1, True), (2.4, 1, True), (2.5, 1, True)]
    steps += [(2.6, 1, False), (2.7, 0, True)]
    for now[0], operations, live in steps:
        meter.committed(operations, live)
    assert told == [(20, False), (30, True), (33, True), (34, True)]


def test_a_mirror_that_has_missed_nothing_tells_that_it_is_live(kind: str, shared_oplog: Oplog) -> None:
    target = Target()
    target.checkpoint = f"{shared_oplog.post({'event': 'insert', 'type': 'video', 'id': 'x1'})} 1 live"
    told: list[MirrorProgress] = []
    running = Running(kind, shared_oplog.url, Source(shared_oplog, random.Random(1)), target, on_progress=told.append)
    try:
        await_(lambda: told)
        assert (told[0].replicated, told[0].live) == (0, True)
    finally:
        running.stop()


def test_a_reset_is_not_live() -> None:
    batch = Batch(f"{event_id(7)} 3 live")
    batch.add(Live(event_id(7)), None)
    assert batch.live
    batch.add(Reset(event_id(8)), None)
    assert not batch.live


class Stuck(AsyncTarget):
    """Its commit does not end."""

    async def commit(self, changes: Sequence[Change], checkpoint: str) -> None:
        await asyncio.Event().wait()


async def require_cancelled(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.wait({running}, timeout=5)
    assert running.done()
    assert running.cancelled()


async def until(condition: Callable[[], Any]) -> None:
    await asyncio.to_thread(await_, condition)


async def test_a_cancellation_is_heard_though_the_connection_cannot_be_closed(
    stopping: Callable[[Listener], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(response: httpx.Response) -> None:
        raise RuntimeError("cannot be closed")

    monkeypatch.setattr(httpx.Response, "aclose", fail)
    ended = threading.Event()
    # one is committed, and two fill what is read ahead
    server = Scripted(hold(STREAM + event(1, "delete") + event(2, "delete") + event(3, "delete"), ended))
    stopping(server)
    mirror = AsyncMirror(server.url, nothing, Stuck(Target()), batch=1, concurrency=1)
    running = asyncio.create_task(mirror.run())
    await until(lambda: mirror._stream is not None and mirror._stream.last_event_id == event_id(3))
    await require_cancelled(running)
    ended.set()


async def nothing(operation: Operation) -> None:
    return None


async def test_a_cancellation_is_heard_though_a_fetch_swallows_it(stopping: Callable[[Listener], None]) -> None:
    ended = threading.Event()
    server = Scripted(hold(STREAM + event(1), ended))
    stopping(server)
    fetches: list[str] = []

    async def fetch(operation: Operation) -> None:
        fetches.append(operation.id)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("the connection was closed") from None

    running = asyncio.create_task(AsyncMirror(server.url, fetch, AsyncTarget(Target()), attempts=1000).run())
    await until(lambda: fetches)
    await require_cancelled(running)
    ended.set()


async def test_a_mirror_ends_though_a_fetch_does_not(stopping: Callable[[Listener], None]) -> None:
    ended = threading.Event()
    server = Scripted(hold(STREAM + event(1, "delete") + event(2) + event(3), ended))
    stopping(server)
    fetches: list[str] = []

    async def fetch(operation: Operation) -> None:
        fetches.append(operation.id)
        await asyncio.Event().wait()

    target = Target()
    mirror = AsyncMirror(server.url, fetch, AsyncTarget(target), concurrency=1)
    running = asyncio.create_task(mirror.run())
    await until(lambda: fetches)
    mirror.close()
    await asyncio.wait_for(running, 5)
    assert target.checkpoint == f"{event_id(1)} 0 live"
    ended.set()


def test_what_a_fetch_says_of_something_closed_is_an_error(kind: str, shared_oplog: Oplog) -> None:
    def fetch(operation: Operation) -> Any:
        raise ClosedError("a publisher, perhaps")

    source = Source(shared_oplog, random.Random(1))
    source.fetch = fetch  # type: ignore[method-assign]
    shared_oplog.post({"event": "insert", "type": "video", "id": "x1"})
    running = Running(kind, shared_oplog.url, source, Target(), attempts=2)
    try:
        await_(lambda: isinstance(running.error, ClosedError))
    finally:
        running.stop()


def test_a_text_is_no_list_of_types() -> None:
    with pytest.raises(TypeError, match="video"):
        Mirror("localhost", lambda operation: None, Target(), types="video")
    with pytest.raises(TypeError, match="user/u1"):
        AsyncMirror("localhost", nothing, AsyncTarget(Target()), parents="user/u1")


@pytest.mark.parametrize("verdict", ["skip", "stop", None])
def test_what_cannot_be_had_is_a_dead_letter(kind: str, shared_oplog: Oplog, verdict: Any) -> None:
    type_ = f"{kind}-{verdict}".lower()
    source = Source(shared_oplog, random.Random(1))
    source.share = 0
    source.objects = {(type_, "x1"): {"parents": []}}
    target = Target()
    letters: list[tuple[str, str]] = []

    def fetch(operation: Operation) -> Any:
        if operation.id == "bad":
            source.failures += 1
            raise LookupError("never")
        return {"parents": []}

    source.fetch = fetch  # type: ignore[method-assign]
    shared_oplog.post({"event": "insert", "type": type_, "id": "bad"})
    source.announce_all()

    def judge(operation: Operation, error: Exception) -> Any:
        letters.append((operation.id, str(error)))
        return verdict

    hears = {"on_dead_letter": judge} if verdict else {}
    running = Running(kind, shared_oplog.url, source, target, attempts=3, types=[type_], **hears)
    try:
        if verdict == "skip":
            await_(lambda: target.objects() == {(type_, "x1"): {"parents": []}})
        else:
            await_(lambda: isinstance(running.error, LookupError))
            assert target.objects() == {}
        assert source.failures == 3
        assert letters == ([("bad", "never")] if verdict else [])
    finally:
        running.stop()


@pytest.mark.parametrize("text", ["", "0 1 live", "6920c0de0001000000000a2f 1", "6920c0de0001000000000a2f 1 dead"])
def test_a_checkpoint_of_something_else_is_an_error(text: str) -> None:
    target = Target()
    target.checkpoint = text
    with pytest.raises(ValueError, match="none of a mirror"):
        Mirror("localhost", lambda operation: None, target).run()
