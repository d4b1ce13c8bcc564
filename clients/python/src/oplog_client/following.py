"""What a stream knows and decides, without any input or output: both drivers share it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from urllib.parse import quote_plus

from oplog_client.answers import require_passable, require_stream
from oplog_client.checkpoint import Acknowledgements, Checkpoint
from oplog_client.endpoint import Endpoint, authorization
from oplog_client.errors import MalformedStreamError
from oplog_client.events import Event, Progress, decode, shown
from oplog_client.retry import Backoff, RetryPolicy
from oplog_client.sse import SseError, SseEvent, SseParser

Position: TypeAlias = str | int | datetime
"""Where a stream begins: ``now``, ``0`` for everything, an event id, or a time (one without a zone is local, a whole
number is in milliseconds since 1970)."""

_POSITION = re.compile(r"[0-9]{1,13}|[0-9a-f]{24}")
USER_AGENT = "oplog-client-python"


@dataclass(frozen=True)
class StreamRequest:
    """Asks for a stream from any position."""

    endpoint: Endpoint
    types: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()

    @staticmethod
    def of(endpoint: Endpoint | str, types: Iterable[str], parents: Iterable[str]) -> StreamRequest:
        """What is asked for, in a fixed order."""
        return StreamRequest(Endpoint.of(endpoint), tuple(sorted(listed(types))), tuple(sorted(listed(parents))))

    @property
    def query(self) -> str:
        """The request's query. Parents go one by one: there may be a comma in one."""
        types = ["types=" + quote_plus(",".join(self.types))] if self.types else []
        return "&".join(["progress=1", *types, *("parent=" + quote_plus(parent) for parent in self.parents)])

    @property
    def url(self) -> str:
        """What is asked."""
        return f"{self.endpoint.operations}?{self.query}"

    def headers(self, last_event_id: str) -> dict[str, str]:
        """The request's headers; no position is the present."""
        position = {"Last-Event-ID": last_event_id} if last_event_id else {}
        return {
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
            **authorization(self.endpoint.password),
            **position,
        }


def listed(texts: Iterable[str]) -> frozenset[str]:
    """Those of a list of types, or of parents.

    :raises TypeError: when it is a text, whose letters would be taken for some
    :raises ValueError: when one is empty, which a server passes over: it would send everything
    """
    if isinstance(texts, str):
        raise TypeError(f"types and parents are lists, not a text: {shown(texts)}")
    items = frozenset(texts)
    if "" in items:
        raise ValueError("a type or a parent of a filter is empty")
    return items


def last_event_id(position: Position) -> str:
    """What is sent for a position; empty for the present.

    :raises ValueError: when it is none
    """
    if isinstance(position, datetime):
        position = int(position.timestamp() * 1000)
    text = str(position)
    if text == "now":
        return ""
    if not _POSITION.fullmatch(text):
        raise ValueError(f"not now, 0, an event id or a time: {shown(text)}")
    return text


class Following:
    """A stream's position, the events that wait in it, and what is to be done about failures. For one thread."""

    def __init__(self, request: StreamRequest, retry: RetryPolicy, start: str) -> None:
        self.request = request
        self.backoff = Backoff(retry)
        self.acknowledgements = Acknowledgements()
        self.last_event_id = start
        self._pending: deque[SseEvent] = deque()
        self._parser = SseParser()

    def start_from(self, checkpoint: Checkpoint) -> None:
        """Before anything was asked for."""
        self.last_event_id = self.acknowledgements.checkpoint = checkpoint

    def headers(self) -> dict[str, str]:
        """Those of the next request."""
        return self.request.headers(self.last_event_id)

    def answered(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether a stream follows; where it does not, a refusal does.

        :raises AgainError: when it is to be tried again
        :raises RefusedError: when what follows is something else
        """
        require_passable(self.request.endpoint, status, headers)
        if status != 200:
            return False
        require_stream(self.request.endpoint, headers)
        self.backoff.answered()
        self._parser = SseParser(on_retry=lambda millis: self.backoff.start_with(millis / 1000))
        return True

    def received(self, chunk: bytes) -> None:
        """Take what came.

        :raises MalformedStreamError: when it breaks the form of the stream
        """
        try:
            events = self._parser.feed(chunk)
        except SseError as e:
            raise MalformedStreamError(f"{self.request.endpoint} sent what is not a stream of ours: {e}") from e
        if events:
            self.backoff.succeeded()
            self._pending.extend(events)

    def take(self) -> Event | Progress | None:
        """The next event that waits; it moves the position. None when there is none.

        :raises MalformedStreamError: when it is not what the protocol says
        """
        pending = self._pending
        while pending:
            sent = pending[0]
            try:
                event = decode(sent)
            except ValueError as e:
                raise self._malformed(sent, e) from e
            if event is None:
                pending.popleft()
                continue
            self.last_event_id = sent.last_event_id
            if event.__class__ is Progress:
                self.acknowledgements.progress(sent.last_event_id)
            else:
                event.number = self.acknowledgements.hand_out()  # type: ignore[union-attr]
            pending.popleft()  # not before: what an interrupt, or an error, comes between is not passed over
            return event
        return None

    def acknowledge(self, event: Event) -> None:
        """It is done."""
        self.acknowledgements.acknowledge(event.number, event.event_id)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """Where to go on; None when nothing was acknowledged yet."""
        return self.acknowledgements.checkpoint

    def _malformed(self, sent: SseEvent, reason: ValueError) -> MalformedStreamError:
        return MalformedStreamError(
            f"{self.request.endpoint} sent what is not an event of ours: {reason}: id {shown(sent.last_event_id)}, "
            f"{shown(sent.type)}, data {shown(sent.data)}"
        )
