"""The stream for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable
from types import TracebackType

import httpx

from oplog_client import wire
from oplog_client.answers import refusal
from oplog_client.checkpoint import Checkpoint
from oplog_client.endpoint import Endpoint
from oplog_client.errors import ClosedError
from oplog_client.events import Event, Progress
from oplog_client.following import Following, Position, StreamRequest, last_event_id
from oplog_client.retry import FOREVER, AgainError, RetryPolicy
from oplog_client.saving import AnyCheckpointStore, AsyncSaver

_log = logging.getLogger("oplog_client")


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
        self._saver: AsyncSaver | None = None
        if store is not None:
            self._saver = AsyncSaver(store, save_every, lambda: following.checkpoint, self._break_off)
        self._silence = silence
        self._http = httpx.AsyncClient(verify=verify, **wire.settings(silence, keep_alive=0))
        self._closed = asyncio.Event()
        self._reading: asyncio.Task[bytes] | None = None
        self._wait = 0.0
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
            event = await self.next_position()
            if event.__class__ is not Progress:
                return event  # type: ignore[return-value]

    async def next_position(self) -> Event | Progress:
        """As ``anext``, but progress is handed out too."""
        self._require_open()
        while (event := self._following.take()) is None:
            await self._fill()
        return event

    def acknowledge(self, event: Event) -> None:
        """It is done, so that a later run need not have it again. In any order; more than once is as once.

        What this stream did not hand out changes nothing.
        """
        self._following.acknowledge(event)
        if self._saver is not None:
            self._saver.save_when_due()

    async def _fill(self) -> None:
        """Wait for bytes; when an attempt fails, the next one waits for its time."""
        self._require_open()
        await self._load()
        self._look_after_checkpoint()
        try:
            with wire.failures(self._following.request.endpoint):
                self._following.received(await self._next_chunk())
        except AgainError as e:
            await self._disconnect()
            self._look_after_checkpoint()
            self._failed(e)
        except Exception:
            await self._disconnect()
            self._require_open()  # or it is because of that
            raise

    async def _load(self) -> None:
        if self._saver is not None and not self._saver.is_loaded:
            checkpoint = await self._saver.load()
            if checkpoint is not None:
                self._following.start_from(checkpoint)

    def _look_after_checkpoint(self) -> None:
        """Where it could not be saved, that has broken the connection."""
        if self._saver is not None:
            self._saver.raise_failure()
            self._saver.save_when_due()

    async def _next_chunk(self) -> bytes:
        """A wait that is cancelled leaves the reading to the next one."""
        if self._reading is None:
            self._require_open()
            self._reading = asyncio.create_task(self._read())
        reading = self._reading
        await asyncio.wait({reading})
        self._reading = None
        if reading.cancelled():
            self._require_open()
            raise AgainError("the connection was given up")
        return reading.result()

    async def _read(self) -> bytes:
        if self._wait > 0:
            await asyncio.sleep(self._wait)
            self._wait = 0.0
        if self._chunks is None:
            self._chunks = await self._connect()
        chunk = await anext(self._chunks, None)
        if chunk is None:
            raise AgainError(f"the connection was closed by {self._following.request.endpoint}")
        return chunk

    async def _connect(self) -> AsyncIterator[bytes]:
        seconds = self._following.backoff.attempt(self._silence)
        request = self._request(seconds)
        answering = self._http.send(request, stream=True)
        self._response = response = await asyncio.wait_for(answering, wire.longest(seconds))
        if not self._following.answered(response.status_code, response.headers):
            raise await self._refusal(response)
        wire.allow_silence(request, self._silence)
        return response.aiter_raw()

    def _request(self, seconds: float) -> httpx.Request:
        return self._http.build_request(
            "GET",
            self._following.request.url,
            headers=self._following.headers(),
            timeout=wire.timeout(seconds),
        )

    async def _refusal(self, response: httpx.Response) -> Exception:
        endpoint = self._following.request.endpoint
        body = await beginning(response)
        return refusal(endpoint, endpoint.password, response.status_code, response.headers, body)

    def _failed(self, cause: AgainError) -> None:
        self._require_open()
        self._wait = self._following.backoff.failed(cause)
        _log.warning("%s; trying again in %.1f s", cause, self._wait)

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
        if self._saver is not None:
            self._saver.stop()
        self._break_off()

    def _break_off(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    async def aclose(self) -> None:
        """Save the checkpoint, and end; a task that waits for an event gets a :class:`ClosedError`."""
        self.shut()
        try:
            if self._saver is not None:
                await self._saver.end()
        finally:
            await self._end_reading()
            await self._disconnect()
            await self._http.aclose()

    async def _end_reading(self) -> None:
        reading = self._reading
        if reading is not None:
            await asyncio.wait({reading})
            _ = reading.cancelled() or reading.exception()  # or asyncio logs that nobody looked

    async def __aenter__(self) -> AsyncEventStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.aclose()
        except Exception as e:
            if error is None:
                raise
            _log.warning("the checkpoint could not be saved: %s", e)


async def beginning(response: httpx.Response) -> bytes:
    """As much of a body as is read at most, of what explains an answer that is known already."""
    body = wire.Beginning(response.request)
    with contextlib.suppress(*wire.BROKEN):
        async for chunk in response.aiter_raw():
            if not body.add(chunk):
                break
    return body.read
