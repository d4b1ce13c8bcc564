"""What a publisher decides, without any input or output: both drivers share it."""

from __future__ import annotations

import gzip
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from oplog_client.answers import refusal, require_passable
from oplog_client.endpoint import Endpoint, authorization
from oplog_client.errors import Reason, RefusedError
from oplog_client.events import Operation, is_event_id, shown
from oplog_client.following import USER_AGENT
from oplog_client.retry import AgainError, Backoff

MOST_WAITING = 10_000
MOST_WAITING_BYTES = 16 << 20
ANSWER = 60.0

_MOST_OPERATIONS = 1000
_MOST_BYTES = 1 << 20
_PACKED_FROM = 1024


class Promise(Protocol):
    """What hears the fate of an operation: a future of threads, or of asyncio."""

    def done(self) -> bool:
        """Whether nobody waits any more."""

    def set_result(self, result: Any, /) -> None:
        """It is durable."""

    def set_exception(self, exception: Any, /) -> None:
        """It is not."""


P = TypeVar("P", bound=Promise)


def line_of(operation: Operation) -> bytes:
    """An operation on the wire.

    :raises ValueError: when it holds what is no text
    :raises TypeError: when its parents are a text, whose letters would be taken for some
    """
    if isinstance(operation.parents, str):
        raise TypeError(f"parents are a list, not a text: {shown(operation.parents)}")
    fields: dict[str, Any] = {"event": operation.kind, "type": operation.type, "id": operation.id}
    if operation.parents:
        fields["parents"] = list(operation.parents)
    if operation.timestamp:
        fields["timestamp"] = operation.timestamp
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(slots=True)
class _Line(Generic[P]):
    """An operation on the wire, and who hears its fate."""

    number: int
    text: bytes
    promise: P

    @property
    def size(self) -> int:
        """With the end of the line."""
        return len(self.text) + 1


class Outbox(Generic[P]):
    """Operations that wait, the batch on its way, and what becomes of it.

    What adds to it, takes from it and looks at it is for one thread at once. What becomes of the batch is told by the
    thread that sends, and hides no operation before its promise has ended.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.added = 0
        """How many operations ever were."""
        self._waiting: deque[_Line[P]] = deque()
        self._waiting_bytes = 0
        self._parts: list[list[_Line[P]]] = []
        self._sent: list[_Line[P]] = []
        self._most_bytes = _MOST_BYTES
        self._packs = True
        self._packed = False
        self.gave_up: Exception | None = None
        """Why the last batch was given up, if it was."""

    def add(self, text: bytes, promise: P) -> None:
        """It goes with the next batch."""
        line = _Line(self.added, text, promise)
        self.added += 1
        self._waiting.append(line)
        self._waiting_bytes += line.size

    @property
    def is_full(self) -> bool:
        """Whether no more may wait."""
        return len(self._waiting) >= MOST_WAITING or self._waiting_bytes >= MOST_WAITING_BYTES

    def has_settled(self, count: int) -> bool:
        """Whether so many, the first that were added, are answered."""
        left = (lines[0].number for lines in (self._sent, *self._parts, self._waiting) if lines)
        return next(left, self.added) >= count

    @property
    def is_settled(self) -> bool:
        """Whether no batch is on its way."""
        return not self._sent

    def next_batch(self) -> bool:
        """Whether there is a batch to send, which it takes: a part of one that was too large, before what waits."""
        self._sent = self._parts.pop(0) if self._parts else self._take_waiting()
        return bool(self._sent)

    def _take_waiting(self) -> list[_Line[P]]:
        batch: list[_Line[P]] = []
        size = 0
        while self._waiting and len(batch) < _MOST_OPERATIONS:
            size += self._waiting[0].size
            if batch and size > self._most_bytes:
                break
            batch.append(self._waiting.popleft())
        self._waiting_bytes -= sum(line.size for line in batch)
        return batch

    def request(self) -> tuple[dict[str, str], bytes]:
        """The headers and the body that send the batch."""
        body = b"\n".join(line.text for line in self._sent)
        headers = {
            "Content-Type": "application/x-ndjson",
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
            **authorization(self.endpoint.password_for_ingest),
        }
        self._packed = self._packs and len(body) >= _PACKED_FROM
        if self._packed:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 5, mtime=0)
        return headers, body

    def answered(self, backoff: Backoff, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Settle the batch, or a part of it; the rest is to be sent again.

        :raises AgainError: when all of it is to be tried again
        """
        require_passable(self.endpoint, status, headers)
        backoff.succeeded()
        self.gave_up = None
        event_id = headers.get("Oplog-Event-Id", "")
        if status in (200, 204) and is_event_id(event_id):  # whatever else listens there may say that all is well
            self._settle(event_id)
        elif status == 415 and self._packed:
            self._packs = False
        else:
            self._refused(refusal(self.endpoint, self.endpoint.password_for_ingest, status, headers, body))

    def failed(self, error: Exception) -> None:
        """None of the batch is known to be durable."""
        for line in self._sent:
            _fail(line.promise, error)
        self._sent = []

    def abandoned(self, error: Exception) -> None:
        """Nothing more is sent."""
        left = [*self._sent, *(line for part in self._parts for line in part), *self._waiting]
        self._parts.clear()
        self._waiting.clear()
        self._waiting_bytes = 0
        self._sent = []
        for line in left:
            _fail(line.promise, error)

    def _settle(self, event_id: str) -> None:
        for line in self._sent:
            if not line.promise.done():
                line.promise.set_result(event_id)
        self._sent = []

    def _refused(self, error: RefusedError) -> None:
        if error.status == 413 and len(self._sent) > 1:
            self._halve()
        elif error.reason is Reason.INVALID and error.line is not None and 1 <= error.line <= len(self._sent):
            _fail(self._sent[error.line - 1].promise, error)
            self._sent = [*self._sent[: error.line - 1], *self._sent[error.line :]]
        else:
            self.failed(error)

    def _halve(self) -> None:
        """Each half is a batch, and no later one is larger than they are."""
        self._most_bytes = min(self._most_bytes, sum(line.size for line in self._sent) // 2)
        middle = len(self._sent) // 2
        self._parts = [self._sent[:middle], self._sent[middle:], *self._parts]
        self._sent = []


def _fail(promise: Promise, error: Exception) -> None:
    if not promise.done():
        promise.set_exception(error)


def wait_after(backoff: Backoff, cause: AgainError, outbox: Outbox[Any]) -> float | None:
    """How long to wait before the batch is sent again; None when that was given up."""
    try:
        return backoff.failed(cause)
    except Exception as e:
        outbox.gave_up = e
        outbox.failed(e)
        return None
