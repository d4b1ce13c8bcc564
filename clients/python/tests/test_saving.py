"""When the checkpoint is saved, and what becomes of it when that fails or is cut short."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import STREAM, Listener, Scripted, await_, control, event, event_id, hold

from oplog_client import ClosedError, Event, follow, follow_async, process, process_async


class Store:
    """Keeps all that it was given; may be told to wait, or to fail."""

    def __init__(self) -> None:
        self.saved: list[str] = []
        self.let_go = threading.Event()
        self.let_go.set()
        self.fails = False
        self.begun = 0
        self.most = 0
        self._running = 0
        self._lock = threading.Lock()

    def load(self) -> str | None:
        return None

    def save(self, checkpoint: str) -> None:
        with self._lock:
            self.begun += 1
            self._running += 1
            self.most = max(self.most, self._running)
        self.let_go.wait(10)
        with self._lock:
            self._running -= 1
        if self.fails:
            raise OSError("the disk is full")
        self.saved.append(checkpoint)


@pytest.fixture
def serve(stopping: Callable[[Listener], None]) -> Iterator[Callable[[bytes], str]]:
    ended = threading.Event()

    def start(events: bytes) -> str:
        server = Scripted(hold(STREAM + events, ended))
        stopping(server)
        return server.url

    yield start
    ended.set()


async def until(condition: Callable[[], Any]) -> None:
    await asyncio.to_thread(await_, condition)


def in_thread(call: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as e:
            errors.append(e)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, errors


def test_what_was_acknowledged_last_is_saved_though_nothing_follows(serve: Callable[[bytes], str]) -> None:
    store = Store()
    with follow(serve(event(1)), store=store, save_every=0.1) as stream:
        stream.acknowledge(next(stream))
        waiting, _ = in_thread(lambda: next(stream))
        await_(lambda: store.saved)
        assert waiting.is_alive()
    waiting.join(5)
    assert store.saved == [event_id(1)]


async def test_asynchronously_it_is_saved_though_nothing_follows(serve: Callable[[bytes], str]) -> None:
    store = Store()
    async with follow_async(serve(event(1)), store=store, save_every=0.1) as stream:
        stream.acknowledge(await anext(stream))
        waiting = asyncio.ensure_future(anext(stream))
        await until(lambda: store.saved)
        assert not waiting.done()
    assert store.saved == [event_id(1)]
    with pytest.raises(ClosedError):
        await waiting


def test_progress_is_saved_though_nothing_follows(serve: Callable[[bytes], str]) -> None:
    store = Store()
    with follow(serve(control(1, "progress")), store=store, save_every=0.1) as stream:
        waiting, _ = in_thread(lambda: next(stream))
        await_(lambda: store.saved == [event_id(1)])
    waiting.join(5)


async def test_is_saved_while_the_next_event_is_not_asked_for(serve: Callable[[bytes], str]) -> None:
    store = Store()
    async with follow_async(serve(event(1) + event(2)), store=store, save_every=0.05) as stream:
        stream.acknowledge(await anext(stream))
        await until(lambda: store.saved == [event_id(1)])


def test_threads_that_acknowledge_meanwhile_do_not_save_once_more(
    serve: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[float] = []
    timer = threading.Timer

    def counted(seconds: float, call: Callable[[], None]) -> threading.Timer:
        timers.append(seconds)
        return timer(seconds, call)

    monkeypatch.setattr("oplog_client.saving.threading.Timer", counted)
    store = Store()
    store.let_go.clear()
    with follow(serve(b"".join(event(n) for n in range(1, 9))), store=store, save_every=0.5) as stream:
        events = [next(stream) for _ in range(8)]
        time.sleep(0.5)  # now it is due
        threads = [in_thread(lambda e=e: stream.acknowledge(e))[0] for e in events]  # type: ignore[misc]
        await_(lambda: store.begun)
        await_(lambda: sum(thread.is_alive() for thread in threads) == 1, what="only one waits for the store")
        store.let_go.set()
        for thread in threads:
            thread.join(5)
        assert len(store.saved) == 1
        assert len([seconds for seconds in timers if seconds < 0.4]) <= 1, "nobody asks again and again"
        await_(lambda: store.saved[-1] == event_id(8), what="the others are saved later")
        assert len(store.saved) == 2


def test_who_waits_for_an_event_hears_that_nothing_can_be_saved(serve: Callable[[bytes], str]) -> None:
    store = Store()
    store.fails = True
    stream = follow(serve(event(1)), store=store, save_every=0.1)
    stream.acknowledge(next(stream))
    waiting, errors = in_thread(lambda: next(stream))
    waiting.join(5)
    assert "the disk is full" in str(errors)
    store.fails = False
    stream.close()
    assert store.saved == [event_id(1)]


async def test_a_task_that_waits_for_an_event_hears_that_nothing_can_be_saved(serve: Callable[[bytes], str]) -> None:
    store = Store()
    store.fails = True
    stream = follow_async(serve(event(1)), store=store, save_every=0.1)
    stream.acknowledge(await anext(stream))
    with pytest.raises(OSError, match="the disk is full"):
        await asyncio.wait_for(anext(stream), 5)
    with pytest.raises(OSError, match="the disk is full"):
        await stream.aclose()


def test_nothing_is_saved_after_the_end(serve: Callable[[bytes], str]) -> None:
    store = Store()
    stream = follow(serve(event(1) + event(2)), store=store, save_every=0.05)
    first, second = next(stream), next(stream)
    stream.acknowledge(first)
    stream.close()
    assert store.saved == [event_id(1)]
    time.sleep(0.1)
    stream.acknowledge(second)
    time.sleep(0.1)
    assert store.saved == [event_id(1)]


def test_a_handler_of_signals_may_close_while_its_thread_saves(serve: Callable[[bytes], str]) -> None:
    store = Store()
    stream = follow(serve(event(1)), store=store, save_every=0)
    save = store.save

    def interrupted(checkpoint: str) -> None:
        stream.close()
        save(checkpoint)

    store.save = interrupted  # type: ignore[method-assign]
    thread, errors = in_thread(lambda: stream.acknowledge(next(stream)))
    thread.join(5)
    assert not thread.is_alive()
    assert errors == []
    assert store.saved == [event_id(1)]


async def test_a_save_that_is_cancelled_ends_before_the_next_one(serve: Callable[[bytes], str]) -> None:
    store = Store()
    store.let_go.clear()
    stream = follow_async(serve(event(1) + event(2)), store=store, save_every=0)
    first, second = await anext(stream), await anext(stream)
    stream.acknowledge(first)
    waiting = asyncio.ensure_future(anext(stream))
    await until(lambda: store.begun)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    stream.acknowledge(second)
    closing = asyncio.create_task(stream.aclose())
    await asyncio.sleep(0.05)
    closing.cancel()  # which is no reason to save by halves, either
    await asyncio.wait({closing})
    store.let_go.set()
    await stream.aclose()
    assert store.saved == [event_id(1), event_id(2)]
    assert store.most == 1


async def test_a_store_may_give_any_awaitable(serve: Callable[[bytes], str]) -> None:
    saved: list[str] = []

    class Wrapped:
        def load(self) -> Any:
            return asyncio.sleep(0, event_id(1))

        def save(self, checkpoint: str) -> Any:
            saved.append(checkpoint)
            return asyncio.sleep(0)

    async with follow_async(serve(event(2)), store=Wrapped()) as stream:
        stream.acknowledge(await anext(stream))
    assert saved == [event_id(2)]


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
def test_the_error_of_a_handler_is_told_though_nothing_can_be_saved(kind: str, serve: Callable[[bytes], str]) -> None:
    store = Store()
    store.fails = True
    url = serve(event(1) + control(2, "live"))

    def handle(given: Event) -> None:
        if given.event_id == event_id(2):
            raise LookupError("no")

    async def run() -> None:
        async def handle_async(given: Event) -> None:
            handle(given)

        await process_async(follow_async(url, store=store), handle_async)

    with pytest.raises(LookupError, match="no"):
        if kind == "threads":
            process(follow(url, store=store), handle)
        else:
            asyncio.run(run())


def test_what_is_not_saved_yet_does_not_keep_a_program(serve: Callable[[bytes], str], tmp_path: Path) -> None:
    program = f"""
from oplog_client import FileCheckpointStore, follow
stream = follow({serve(event(1))!r}, store=FileCheckpointStore({str(tmp_path / "position")!r}), save_every=100)
stream.acknowledge(next(stream))
"""
    source = Path(__file__).parents[1] / "src"
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(source)}, timeout=20, check=True)
