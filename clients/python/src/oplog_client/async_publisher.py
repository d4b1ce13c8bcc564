"""Operations over HTTP, for asyncio."""

from __future__ import annotations

import asyncio
import logging

import httpx

from oplog_client import wire
from oplog_client.async_stream import beginning
from oplog_client.batching import ANSWER, Outbox, line_of, wait_after
from oplog_client.endpoint import Endpoint
from oplog_client.errors import ClosedError
from oplog_client.events import Operation
from oplog_client.retry import BRIEF, AgainError, Backoff, RetryPolicy

_log = logging.getLogger("oplog_client")


class AsyncPublisher:
    """Sends operations in their order, in batches, one at a time, as :class:`oplog_client.Publisher` does."""

    def __init__(self, endpoint: Endpoint | str, *, retry: RetryPolicy = BRIEF, verify: wire.Verify = True) -> None:
        """Make a publisher, as :class:`oplog_client.Publisher` is made."""
        self._outbox: Outbox[asyncio.Future[str]] = Outbox(Endpoint.of(endpoint))
        self._retry = retry
        self._http = httpx.AsyncClient(verify=verify, **wire.settings(ANSWER, keep_alive=1))
        self._changed = asyncio.Condition()
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    async def publish(self, operation: Operation) -> str:
        """Send an operation, and wait until it is durable; gives the event id of its batch's last one.

        Raises what :meth:`oplog_client.Publisher.publish` does.
        """
        return await (await self.submit(operation))

    async def submit(self, operation: Operation) -> asyncio.Future[str]:
        """As :meth:`publish`, without waiting for the end; waits only while too many others do."""
        line = line_of(operation)
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or not self._outbox.is_full)
            if self._closed:
                raise ClosedError("the publisher was closed")
            promise: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            self._outbox.add(line, promise)
            if self._task is None:
                self._task = asyncio.create_task(self._run())
            self._changed.notify_all()
        return promise

    async def flush(self) -> None:
        """Wait until all that was published before is answered, well or not."""
        async with self._changed:
            count = self._outbox.added
            await self._changed.wait_for(lambda: self._outbox.has_settled(count))

    async def aclose(self) -> None:
        """Flush, and end; once a batch is given up meanwhile, the rest fails with it.

        Where that is cancelled, what is not sent yet fails with a :class:`ClosedError`."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()
        try:
            if self._task is not None:
                await asyncio.wait({self._task})
        finally:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait({self._task})
            await self._http.aclose()

    async def _run(self) -> None:
        try:
            while await self._next_batch():
                backoff = Backoff(self._retry)
                while not self._outbox.is_settled:
                    await self._send(backoff)
                if self._closed and self._outbox.gave_up is not None:
                    self._outbox.abandoned(self._outbox.gave_up)
        finally:
            self._closed = True
            self._outbox.abandoned(ClosedError("the publisher was closed before this was stored"))
            async with self._changed:
                self._changed.notify_all()

    async def _next_batch(self) -> bool:
        async with self._changed:
            self._changed.notify_all()
            while not self._outbox.next_batch():
                if self._closed:
                    return False
                await self._changed.wait()
            self._changed.notify_all()
            return True

    async def _send(self, backoff: Backoff) -> None:
        try:
            status, headers, body = await self._attempt(backoff.attempt(ANSWER))
            self._outbox.answered(backoff, status, headers, body)
        except AgainError as e:
            wait = wait_after(backoff, e, self._outbox)
            if wait is not None:
                _log.warning("%s; trying again in %.1f s", e, wait)
                await asyncio.sleep(wait)
        except Exception as e:  # whatever it is, somebody waits to hear of it
            self._outbox.failed(e)

    async def _attempt(self, seconds: float) -> tuple[int, httpx.Headers, bytes]:
        with wire.failures(self._outbox.endpoint):
            return await asyncio.wait_for(self._answer(seconds), wire.longest(seconds))

    async def _answer(self, seconds: float) -> tuple[int, httpx.Headers, bytes]:
        headers, body = self._outbox.request()
        async with self._http.stream(
            "POST", self._outbox.endpoint.operations, headers=headers, content=body, timeout=wire.timeout(seconds)
        ) as answer:
            return answer.status_code, answer.headers, await beginning(answer)

    async def __aenter__(self) -> AsyncPublisher:
        return self

    async def __aexit__(self, *ignored: object) -> None:
        await self.aclose()
