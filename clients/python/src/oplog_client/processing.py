"""Handlers side by side, those of one object in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from oplog_client.async_stream import AsyncEventStream
from oplog_client.errors import ClosedError
from oplog_client.events import Event, Operation
from oplog_client.lanes import WAITING, Lanes
from oplog_client.stream import EventStream


def process(stream: EventStream, handler: Callable[[Event], object], concurrency: int = 8) -> None:
    """Run handlers in threads, up to ``concurrency`` at once, and acknowledge what they have done.

    Operations on one object follow each other in order. ``Reset`` and ``Live`` are barriers: all before them is done
    first, and nothing after them begins before they are. Returns when the stream is closed; what did not begin by then
    is not acknowledged, and comes again. The stream is closed in every case.

    :raises Exception: that of a handler, when those that run have ended
    """
    _require_concurrency(concurrency)
    with stream, _Threads(stream, handler, concurrency) as threads:
        for event in _until_closed(stream):
            threads.take(event)


async def process_async(
    stream: AsyncEventStream, handler: Callable[[Event], Awaitable[object]], concurrency: int = 8
) -> None:
    """As :func:`process`, with handlers that are coroutines; they are cancelled with it, and ended when it ends."""
    _require_concurrency(concurrency)
    async with stream:
        tasks = _Tasks(stream, handler, concurrency)
        try:
            while True:
                await tasks.take(await anext(stream))
        except ClosedError:
            pass
        except asyncio.CancelledError:
            tasks.cancel()
            raise
        finally:
            await tasks.end()
        tasks.raise_failure()


def _until_closed(stream: EventStream) -> Iterator[Event]:
    try:
        yield from stream
    except ClosedError:
        return


def _require_concurrency(concurrency: int) -> None:
    if concurrency < 1:
        raise ValueError(f"concurrency must be at least 1: {concurrency}")


class _Threads:
    """Runs handlers in threads. :meth:`take` is for one thread."""

    def __init__(self, stream: EventStream, handler: Callable[[Event], object], concurrency: int) -> None:
        self._stream = stream
        self._handler = handler
        self._most = concurrency * (1 + WAITING)
        self._pool = ThreadPoolExecutor(concurrency, "oplog-process")
        self._lanes = Lanes()
        self._taken = 0
        self._stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def take(self, event: Event) -> None:
        """Waits until it may wait, or, of a barrier, until it is done."""
        if isinstance(event, Operation):
            self._await_fewer_than(self._most)
            with self._changed:
                self._taken += 1
                may_run = self._lanes.enter(event)
            if may_run:
                self._pool.submit(self._run_lane, event)
        else:
            self._await_fewer_than(1)
            self._run_alone(event)

    def _await_fewer_than(self, count: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._taken < count)

    def _run_alone(self, event: Event) -> None:
        if not self._stopped:
            self._pool.submit(self._handle, event).result()

    def _run_lane(self, operation: Operation) -> None:
        following: Operation | None = operation
        while following is not None:
            self._handle(following)
            with self._changed:
                following = self._lanes.leave(following)
                self._taken -= 1
                self._changed.notify_all()

    def _handle(self, event: Event) -> None:
        if self._stopped:
            return
        try:
            self._handler(event)
            self._stream.acknowledge(event)
        except BaseException as e:
            self._fail(e)

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
        self._stop()
        self._stream.shut()

    def _stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def __enter__(self) -> _Threads:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._stop()
        self._pool.shutdown(wait=True)
        if self._error is not None and error is None:
            raise self._error


class _Tasks:
    """Runs handlers in tasks."""

    def __init__(
        self, stream: AsyncEventStream, handler: Callable[[Event], Awaitable[object]], concurrency: int
    ) -> None:
        self._stream = stream
        self._handler = handler
        self._most = concurrency * (1 + WAITING)
        self._running = asyncio.Semaphore(concurrency)
        self._lanes = Lanes()
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken = 0
        self._stopped = False
        self._error: BaseException | None = None
        self._changed = asyncio.Event()

    async def take(self, event: Event) -> None:
        """Waits until it may wait, or, of a barrier, until it is done."""
        if isinstance(event, Operation):
            await self._await_fewer_than(self._most)
            self._taken += 1
            if self._lanes.enter(event):
                task = asyncio.create_task(self._run_lane(event))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        else:
            await self._await_fewer_than(1)
            await self._handle(event)

    async def _await_fewer_than(self, count: int) -> None:
        while not self._stopped and self._taken >= count:
            self._changed.clear()
            await self._changed.wait()

    async def _run_lane(self, operation: Operation) -> None:
        following: Operation | None = operation
        while following is not None:
            async with self._running:
                await self._handle(following)
            following = self._lanes.leave(following)
            self._taken -= 1
            self._changed.set()

    async def _handle(self, event: Event) -> None:
        if self._stopped:
            return
        try:
            await self._handler(event)
            self._stream.acknowledge(event)
        except BaseException as e:  # one that was cancelled has failed, too
            self._error = self._error or e
            self._stop()
            self._stream.shut()

    def _stop(self) -> None:
        self._stopped = True
        self._changed.set()

    async def end(self) -> None:
        """Nothing more begins; waits for what runs, and passes on a cancellation."""
        self._stop()
        cancelled: asyncio.CancelledError | None = None
        while self._tasks:
            try:
                await asyncio.wait(self._tasks)
            except asyncio.CancelledError as e:
                self.cancel()
                cancelled = e
        if cancelled is not None:
            raise cancelled

    def cancel(self) -> None:
        """What runs is to end."""
        self._stop()
        for task in self._tasks:
            task.cancel()

    def raise_failure(self) -> None:
        """That of a handler, if there was one."""
        if self._error is not None:
            raise self._error
