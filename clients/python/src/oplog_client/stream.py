"""The stream for threads."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType

import httpx

from oplog_client import wire
from oplog_client.answers import refusal
from oplog_client.checkpoint import Checkpoint, CheckpointStore, Saving
from oplog_client.endpoint import Endpoint
from oplog_client.errors import ClosedError
from oplog_client.events import Event, Progress
from oplog_client.following import Following, Position, StreamRequest, last_event_id
from oplog_client.retry import FOREVER, AgainError, RetryPolicy
from oplog_client.saving import Saver

_log = logging.getLogger("oplog_client")


def follow(
    endpoint: Endpoint | str,
    *,
    types: Iterable[str] = (),
    parents: Iterable[str] = (),
    from_: Position = "now",
    store: CheckpointStore | None = None,
    save_every: float = 1.0,
    silence: float = 60.0,
    retry: RetryPolicy = FOREVER,
    verify: wire.Verify = True,
) -> EventStream:
    """Follow what comes after a position.

    Nothing is sent before the first event is asked for.

    :param types: only objects of these types; none is all
    :param parents: only objects that belong to one of these; none is all
    :param from_: ``now``, ``0`` for everything, an event id, or a time
    :param store: where the checkpoint is kept; where there is one, the stream begins there and not at ``from_``
    :param save_every: how many seconds there are between two savings, at least
    :param silence: how many seconds a connection may be silent before it is made anew; heartbeats come every 25
    :param retry: when a connection is made anew, and when that is given up
    :param verify: how the certificate of an ``https`` server is checked
    """
    following = Following(StreamRequest.of(endpoint, types, parents), retry, last_event_id(from_))
    checkpoint = store.load() if store is not None else None
    if checkpoint is not None:
        following.start_from(checkpoint)
    return EventStream(following, store, Saving(save_every, checkpoint), silence, verify)


class EventStream:
    """A stream of events that mends itself: an iterator, without end.

    A connection that breaks, or is silent for too long, is made anew after the last event that was handed out. One
    thread iterates; any may call :meth:`acknowledge` and :meth:`close`. What was not asked for waits in the network.
    Made by :func:`follow`.
    """

    def __init__(
        self,
        following: Following,
        store: CheckpointStore | None,
        saving: Saving,
        silence: float,
        verify: wire.Verify,
    ) -> None:
        self._following = following
        self._saver: Saver | None = None
        if store is not None:
            self._saver = Saver(store, saving, lambda: following.checkpoint, lambda: self._breaker.break_off())
        self._silence = silence
        self._http = httpx.Client(verify=verify, **wire.settings(silence, keep_alive=0))
        self._closed = threading.Event()
        self._breaker = wire.Breaker()
        self._response: httpx.Response | None = None
        self._chunks: Iterator[bytes] = iter(())

    @property
    def last_event_id(self) -> str:
        """The position after the last event that was handed out; empty when it is not known yet."""
        return self._following.last_event_id

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The event id up to which everything was acknowledged; None when nothing was yet."""
        return self._following.checkpoint

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        """Wait for the next event.

        :raises RefusedError: when the server refuses for good
        :raises MalformedStreamError: when what it sends is not a stream of ours
        :raises UnavailableError: when the retry policy gives up
        :raises ClosedError: when the stream was closed
        """
        while True:
            event = self.next_position()
            if event.__class__ is not Progress:
                return event  # type: ignore[return-value]

    def next_position(self) -> Event | Progress:
        """As ``next``, but progress is handed out too."""
        self._require_open()
        while (event := self._following.take()) is None:
            self._fill()
        return event

    def acknowledge(self, event: Event) -> None:
        """It is done, so that a later run need not have it again. In any order; more than once is as once.

        What this stream did not hand out changes nothing."""
        self._following.acknowledge(event)
        self._save_if_due()

    def _save_if_due(self) -> None:
        if self._saver is not None:
            self._saver.save_if_due()

    def _fill(self) -> None:
        """Wait for bytes, or for the time of another attempt."""
        self._require_open()
        self._save_if_due()
        try:
            with wire.failures(self._following.request.endpoint):
                self._following.received(self._next_chunk())
        except AgainError as e:
            self._disconnect()
            self._save_if_due()  # where that failed meanwhile, it has broken the connection
            self._pause(e)
        except Exception:
            self._disconnect()
            self._require_open()  # or it is because of that
            raise
        except BaseException:
            self._disconnect()
            raise

    def _next_chunk(self) -> bytes:
        if self._response is None:
            self._connect()
        chunk = next(self._chunks, None)
        if chunk is None:
            raise AgainError(f"the connection was closed by {self._following.request.endpoint}")
        return chunk

    def _connect(self) -> None:
        self._breaker = breaker = wire.Breaker()
        self._require_open()  # or close() came before it could see the breaker
        seconds = self._following.backoff.attempt(self._silence)
        request = self._request(seconds)
        with breaker.within(wire.longest(seconds)):
            self._response = response = self._http.send(request, stream=True)
        if not self._following.answered(response.status_code, response.headers):
            raise self._refusal(response)
        wire.allow_silence(request, self._silence)
        self._chunks = response.iter_raw()

    def _request(self, seconds: float) -> httpx.Request:
        return self._http.build_request(
            "GET",
            self._following.request.url,
            headers=self._following.headers(),
            timeout=wire.timeout(seconds),
            extensions={"trace": self._breaker.trace},
        )

    def _refusal(self, response: httpx.Response) -> Exception:
        endpoint = self._following.request.endpoint
        body = beginning(response)
        return refusal(endpoint, endpoint.password, response.status_code, response.headers, body)

    def _pause(self, cause: AgainError) -> None:
        self._require_open()
        wait = self._following.backoff.failed(cause)
        _log.warning("%s; trying again in %.1f s", cause, wait)
        self._closed.wait(wait)

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise ClosedError("the stream was closed")

    def _disconnect(self) -> None:
        response, self._response = self._response, None
        self._chunks = iter(())
        if response is not None:
            with contextlib.suppress(Exception):  # what went wrong before is told
                response.close()

    def shut(self) -> None:
        """As :meth:`close`, but nothing is saved yet."""
        self._closed.set()
        if self._saver is not None:
            self._saver.stop()
        self._breaker.break_off()

    def close(self) -> None:
        """Save the checkpoint, and end; a thread that waits for an event gets a :class:`ClosedError`."""
        self.shut()
        try:
            if self._saver is not None:
                self._saver.end()
        finally:
            self._http.close()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except Exception as e:
            if error is None:
                raise
            _log.warning("the checkpoint could not be saved: %s", e)


def beginning(response: httpx.Response) -> bytes:
    """As much of a body as is read at most, of what explains an answer that is known already."""
    body = wire.Beginning(response.request)
    with contextlib.suppress(*wire.BROKEN):
        for chunk in response.iter_raw():
            if not body.add(chunk):
                break
    return body.read
