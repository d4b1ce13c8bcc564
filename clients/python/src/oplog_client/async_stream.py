"""The stream for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Protocol, TypeAlias, cast

import httpx

from oplog_client import wire
from oplog_client.answers import MAX_PROBLEM_BYTES, refusal
from oplog_client.checkpoint import Checkpoint, CheckpointStore, Saving
from oplog_client.endpoint import Endpoint
from oplog_client.errors import ClosedError
from oplog_client.events import Event, Progress
from oplog_client.following import Following, Position, StreamRequest, last_event_id
from oplog_client.retry import FOREVER, AgainError, RetryPolicy

_log = logging.getLogger("oplog_client")


class AsyncCheckpointStore(Protocol):
    """Keeps a checkpoint, as :class:`CheckpointStore` does."""

    async def load(self) -> Checkpoint | None:
        """What was saved last; None when nothing was."""

    async def save(self, checkpoint: Checkpoint) -> None:
        """Keep it durably, in place of the one before."""


AnyCheckpointStore: TypeAlias = CheckpointStore | AsyncCheckpointStore
"""One that is not for asyncio is called in threads."""


def follow_async(
    endpoint: Endpoint | str,
    *,
    types: Iterable[str] = (),
    parents: Iterable[str] = (),
    from_: Position = "now",
    store: AnyCheckpointStore | None = None,
    save_every: float = 1.0,
    silence: float = 60.0,
    retry: RetryPolicy = FOREVER,
    verify: wire.Verify = True,
) -> AsyncEventStream:
    """Follow what comes after a position; as :func:`oplog_client.follow`, for ``async for``.

    The store is loaded when the first event is asked for.
    """
    following = Following(StreamRequest.of(endpoint, types, parents), retry, last_event_id(from_))
    return AsyncEventStream(following, store, save_every, silence, verify)


class AsyncEventStream:
    """A stream of events that mends itself, as :class:`oplog_client.EventStream` does: an asynchronous iterator.

    One task iterates; any may call :meth:`acknowledge` and :meth:`aclose`. Made by :func:`follow_async`.
    """

    def __init__(
        self,
        following: Following,
        store: AnyCheckpointStore | None,
        save_every: float,
        silence: float,
        verify: wire.Verify,
    ) -> None:
        self._following = following
        self._store = store
        self._loaded = store is None
        self._saving = Saving(save_every, None)
        self._save_every = save_every
        self._save_lock = asyncio.Lock()
        self._silence = silence
        self._http = httpx.AsyncClient(verify=verify, timeout=wire.timeout(silence), follow_redirects=False)
        self._closed = asyncio.Event()
        self._breaker = wire.Breaker()
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    @property
    def last_event_id(self) -> str:
        """The position after the last event that was handed out; empty when it is not known yet."""
        return self._following.last_event_id

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The event id up to which everything was acknowledged; None when nothing was yet."""
        return self._following.checkpoint

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        """Wait for the next event; raises what :class:`oplog_client.EventStream` does."""
        while True:
            event = self._following.take()
            if event is None:
                await self._fill()
            elif event.__class__ is not Progress:
                return event  # type: ignore[return-value]

    async def next_position(self) -> Event | Progress:
        """As ``anext``, but progress is handed out too."""
        while (event := self._following.take()) is None:
            await self._fill()
        return event

    def acknowledge(self, event: Event) -> None:
        """It is done, so that a later run need not have it again. In any order; more than once is as once.

        The checkpoint is saved by the task that iterates, and by :meth:`aclose`.
        """
        self._following.acknowledge(event)

    async def _load(self) -> None:
        if self._loaded or self._store is None:
            return
        checkpoint = await _called(self._store.load)
        if checkpoint is not None:
            self._following.start_from(checkpoint)
        self._saving = Saving(self._save_every, checkpoint)
        self._loaded = True

    async def _save(self, store: AnyCheckpointStore) -> None:
        async with self._save_lock:
            checkpoint = self.checkpoint
            if checkpoint is not None and self._saving.has_moved(checkpoint):
                await _called(store.save, checkpoint)
                self._saving.saved(checkpoint)

    async def _fill(self) -> None:
        """Wait for bytes, or for the time of another attempt."""
        self._require_open()
        await self._load()
        if self._store is not None and self._saving.is_due(self.checkpoint):
            await self._save(self._store)
        try:
            with wire.failures(self._following.request.endpoint):
                self._following.received(await self._next_chunk())
        except AgainError as e:
            await self._disconnect()
            await self._pause(e)
        except BaseException:
            await self._disconnect()
            raise

    async def _next_chunk(self) -> bytes:
        if self._chunks is None:
            self._chunks = await self._connect()
        chunk = await anext(self._chunks, None)
        if chunk is None:
            raise AgainError(f"the connection was closed by {self._following.request.endpoint}")
        return chunk

    async def _connect(self) -> AsyncIterator[bytes]:
        self._breaker = wire.Breaker()
        request = self._request()
        self._response = response = await self._http.send(request, stream=True)
        if not self._following.answered(response.status_code, response.headers):
            raise await self._refusal(response)
        wire.allow_silence(request, self._silence)
        return response.aiter_raw()

    def _request(self) -> httpx.Request:
        return self._http.build_request(
            "GET",
            self._following.request.url,
            headers=self._following.headers(),
            timeout=wire.timeout(self._following.backoff.attempt(self._silence)),
            extensions={"trace": self._breaker.atrace},
        )

    async def _refusal(self, response: httpx.Response) -> Exception:
        endpoint = self._following.request.endpoint
        body = await beginning(response)
        return refusal(endpoint, endpoint.password, response.status_code, response.headers, body)

    async def _pause(self, cause: AgainError) -> None:
        self._require_open()
        wait = self._following.backoff.failed(cause)
        _log.warning("%s; trying again in %.1f s", cause, wait)
        try:
            await asyncio.wait_for(self._closed.wait(), wait)
        except asyncio.TimeoutError:
            return

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise ClosedError("the stream was closed")

    async def _disconnect(self) -> None:
        response, self._response, self._chunks = self._response, None, None
        if response is not None:
            with contextlib.suppress(Exception):  # what went wrong before is told, a cancellation too
                await response.aclose()

    def shut(self) -> None:
        """As :meth:`aclose`, but nothing is saved yet."""
        self._closed.set()
        self._breaker.break_off()

    async def aclose(self) -> None:
        """Save the checkpoint, and end; a task that waits for an event gets a :class:`ClosedError`."""
        self.shut()
        try:
            if self._store is not None:
                await self._save(self._store)
        finally:
            await self._http.aclose()

    async def __aenter__(self) -> AsyncEventStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _called(call: object, *arguments: str) -> Checkpoint | None:
    """Calls a store of either kind."""
    if inspect.iscoroutinefunction(call):
        return cast("Checkpoint | None", await call(*arguments))
    assert callable(call)
    return cast("Checkpoint | None", await asyncio.to_thread(call, *arguments))


async def beginning(response: httpx.Response) -> bytes:
    """As much of a refusal's body as is read at most."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= MAX_PROBLEM_BYTES:
            break
    return bytes(body[:MAX_PROBLEM_BYTES])
