"""A copy that is kept in step, by tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

from oplog_client import wire
from oplog_client.async_stream import AsyncEventStream, follow_async
from oplog_client.endpoint import Endpoint
from oplog_client.errors import ClosedError
from oplog_client.events import Event, Operation, Progress
from oplog_client.following import listed
from oplog_client.mirror import _FETCHES
from oplog_client.mirroring import SKIPPED, AsyncMirrorTarget, Batch, Meter, MirrorProgress, Verdict, needs_fetch
from oplog_client.retry import FOREVER, RetryPolicy

_CANCELLED_AGAIN = 0.1
_Step: TypeAlias = tuple["Event | Progress", "asyncio.Task[Any] | None"]


class AsyncMirror:
    """As :class:`oplog_client.Mirror`, with coroutines: ``fetch`` and the target's methods are some."""

    def __init__(
        self,
        endpoint: Endpoint | str,
        fetch: Callable[[Operation], Awaitable[Any]],
        target: AsyncMirrorTarget,
        *,
        types: Iterable[str] = (),
        parents: Iterable[str] = (),
        concurrency: int = 8,
        attempts: int = 5,
        fetch_retry: RetryPolicy = _FETCHES,
        on_dead_letter: Callable[[Operation, Exception], Verdict] | None = None,
        on_progress: Callable[[MirrorProgress], object] | None = None,
        batch: int = 500,
        silence: float = 60.0,
        retry: RetryPolicy = FOREVER,
        verify: wire.Verify = True,
    ) -> None:
        """Make a mirror, as :class:`oplog_client.Mirror` is made."""
        if concurrency < 1 or attempts < 1 or batch < 1:
            raise ValueError(f"must be at least 1: concurrency={concurrency} attempts={attempts} batch={batch}")
        self._endpoint = endpoint
        self._fetch = fetch
        self._target = target
        self._types = listed(types)
        self._parents = listed(parents)
        self._fetching = asyncio.Semaphore(concurrency)
        self._ahead = batch + concurrency
        self._attempts = attempts
        self._fetch_retry = fetch_retry
        self._on_dead_letter = on_dead_letter
        self._on_progress = on_progress
        self._batch = batch
        self._settings: dict[str, Any] = {"silence": silence, "retry": retry, "verify": verify}
        self._closed = False
        self._stream: AsyncEventStream | None = None
        self._fetches: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Mirror, until :meth:`close` is called, or the task is cancelled; raises what a ``Mirror`` does."""
        batch = Batch(await self._target.load())
        self._stream = follow_async(
            self._endpoint, types=self._types, parents=self._parents, from_=batch.start, **self._settings
        )
        if self._closed:
            self._stream.shut()
        async with self._stream as stream:
            steps: asyncio.Queue[_Step | BaseException] = asyncio.Queue(self._ahead)
            reader = asyncio.create_task(self._read(stream, steps))
            try:
                await self._commit_all(batch, steps)
            finally:
                await _cancel(reader, *self._fetches)

    def close(self) -> None:
        """End :meth:`run`."""
        self._closed = True
        if self._stream is not None:
            self._stream.shut()
        for fetch in self._fetches:
            fetch.cancel()

    def _require_open(self) -> None:
        if self._closed:
            raise ClosedError("the mirror was closed")

    async def _read(self, stream: AsyncEventStream, steps: asyncio.Queue[_Step | BaseException]) -> None:
        try:
            while True:
                event = await stream.next_position()
                await steps.put((event, self._start_fetch(event)))
        except Exception as e:
            await steps.put(e)

    def _start_fetch(self, event: Event | Progress) -> asyncio.Task[Any] | None:
        if not needs_fetch(event, self._parents):
            return None
        task = asyncio.create_task(self._fetched(event))
        self._fetches.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, fetch: asyncio.Task[Any]) -> None:
        self._fetches.discard(fetch)
        _ = fetch.cancelled() or fetch.exception()  # or asyncio logs that nobody looked

    async def _fetched(self, event: Event | Progress) -> Any:
        assert isinstance(event, Operation)
        async with self._fetching:
            failed = 0
            while True:
                self._require_open()
                try:
                    return await self._fetch(event)
                except Exception:
                    failed += 1
                    if failed >= self._attempts:
                        raise
                    await asyncio.sleep(self._fetch_retry.delay(failed))

    async def _commit_all(self, batch: Batch, steps: asyncio.Queue[_Step | BaseException]) -> None:
        meter = Meter(self._on_progress)
        try:
            while True:
                await self._add(batch, await steps.get())
                await self._add_what_is_there(batch, steps)
                await self._commit(batch, meter)
        except ClosedError:
            if not self._closed:
                raise
            await self._commit(batch, meter)

    async def _add_what_is_there(self, batch: Batch, steps: asyncio.Queue[_Step | BaseException]) -> None:
        count = 1
        while count < self._batch and not steps.empty():
            await self._add(batch, steps.get_nowait())
            count += 1

    async def _add(self, batch: Batch, step: _Step | BaseException) -> None:
        if isinstance(step, BaseException):
            raise step
        event, fetched = step
        batch.add(event, None if fetched is None else await self._result(event, fetched))

    async def _result(self, event: Event | Progress, fetched: asyncio.Task[Any]) -> Any:
        assert isinstance(event, Operation)
        try:
            return await asyncio.shield(fetched)  # which may swallow a cancellation that is meant for us
        except asyncio.CancelledError:
            if fetched.cancelled():
                self._require_open()
            raise
        except Exception as e:
            self._require_open()
            if self._on_dead_letter is None or self._on_dead_letter(event, e) != "skip":
                raise
            return SKIPPED

    async def _commit(self, batch: Batch, meter: Meter) -> None:
        if not batch.is_empty:
            await self._target.commit(batch.changes, batch.checkpoint)
        meter.committed(batch.operations, batch.live)
        batch.committed()


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    """A fetch, or what it or the stream calls, may swallow a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=_CANCELLED_AGAIN)
        for task in done:
            _ = task.cancelled() or task.exception()
