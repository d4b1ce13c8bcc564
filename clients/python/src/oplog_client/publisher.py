"""Operations over HTTP, for threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

import httpx

from oplog_client import wire
from oplog_client.batching import ANSWER, Outbox, line_of, wait_after
from oplog_client.endpoint import Endpoint
from oplog_client.errors import ClosedError
from oplog_client.events import Operation
from oplog_client.retry import BRIEF, AgainError, Backoff, RetryPolicy
from oplog_client.stream import beginning

_log = logging.getLogger("oplog_client")


class Publisher:
    """Sends operations in their order, in batches, one at a time; a thread of its own does.

    Any thread may publish. Who ends without :meth:`close` or :meth:`flush` may lose what waits.
    """

    def __init__(self, endpoint: Endpoint | str, *, retry: RetryPolicy = BRIEF, verify: wire.Verify = True) -> None:
        """Make a publisher; nothing is sent yet.

        :param retry: when a batch is tried again; when that is given up, its operations fail
        :param verify: how the certificate of an ``https`` server is checked
        """
        self._outbox: Outbox[Future[str]] = Outbox(Endpoint.of(endpoint))
        self._retry = retry
        self._http = httpx.Client(verify=verify, **wire.settings(ANSWER, keep_alive=1))
        self._breaker = wire.Breaker()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def publish(self, operation: Operation) -> str:
        """Send an operation, and wait until it is durable; gives the event id of its batch's last one.

        :raises RefusedError: when the server does not take it
        :raises UnavailableError: when the retry policy gives up; it may have been stored nevertheless
        :raises ClosedError: when the publisher was closed
        """
        self._require_other_thread(lambda: False)
        return self.submit(operation).result()

    def submit(self, operation: Operation) -> Future[str]:
        """As :meth:`publish`, without waiting for the end; waits only while too many others do."""
        line = line_of(operation)
        promise: Future[str] = Future()
        promise.set_running_or_notify_cancel()  # what may be on its way cannot be cancelled
        with self._changed:
            self._wait_for(lambda: self._closed or not self._outbox.is_full)
            if self._closed:
                raise ClosedError("the publisher was closed")
            self._outbox.add(line, promise)
            self._start()
            self._changed.notify_all()
        return promise

    def flush(self) -> None:
        """Wait until all that was published before is answered, well or not."""
        with self._changed:
            count = self._outbox.added
            self._wait_for(lambda: self._outbox.has_settled(count))

    def close(self) -> None:
        """Flush, and end; once a batch is given up meanwhile, the rest fails with it."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._http.close()

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        self._require_other_thread(condition)
        self._changed.wait_for(condition)

    def _require_other_thread(self, condition: Callable[[], bool]) -> None:
        if threading.current_thread() is self._thread and not condition():
            raise RuntimeError("what hears of an operation's end must not wait for others")

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="oplog-publisher", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            while self._next_batch():
                backoff = Backoff(self._retry)
                while not self._outbox.is_settled:
                    self._send(backoff)
                self._end_when_given_up()
        finally:  # what hears of an operation's end may end the thread
            with self._changed:
                self._closed = True
                self._outbox.abandoned(ClosedError("the publisher ended"))
                self._changed.notify_all()

    def _end_when_given_up(self) -> None:
        with self._changed:
            if self._closed and self._outbox.gave_up is not None:
                self._outbox.abandoned(self._outbox.gave_up)

    def _next_batch(self) -> bool:
        with self._changed:
            self._changed.notify_all()
            while not self._outbox.next_batch():
                if self._closed:
                    return False
                self._changed.wait()
            self._changed.notify_all()
            return True

    def _send(self, backoff: Backoff) -> None:
        try:
            status, headers, body = self._attempt(backoff.attempt(ANSWER))
            self._outbox.answered(backoff, status, headers, body)
        except AgainError as e:
            wait = wait_after(backoff, e, self._outbox)
            if wait is not None:
                _log.warning("%s; trying again in %.1f s", e, wait)
                threading.Event().wait(wait)
        except Exception as e:  # whatever it is, somebody waits to hear of it
            self._outbox.failed(e)

    def _attempt(self, seconds: float) -> tuple[int, httpx.Headers, bytes]:
        endpoint = self._outbox.endpoint
        headers, body = self._outbox.request()
        with (
            wire.failures(endpoint),
            self._breaker.within(wire.longest(seconds)),
            self._http.stream(
                "POST",
                endpoint.operations,
                headers=headers,
                content=body,
                timeout=wire.timeout(seconds),
                extensions={"trace": self._breaker.trace},
            ) as answer,
        ):
            return answer.status_code, answer.headers, beginning(answer)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, *ignored: object) -> None:
        self.close()
