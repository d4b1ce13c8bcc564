"""What a publisher decides, without any input or output: both drivers share it."""

from __future__ import annotations

import gzip
import json
from collections import deque
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from oplog_client.answers import refusal, require_passable
from oplog_client.endpoint import Endpoint, authorization
from oplog_client.errors import Reason, RefusedError
from oplog_client.events import Operation
from oplog_client.following import USER_AGENT
from oplog_client.retry import AgainError, Backoff

MOST_WAITING = 10_000
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
    """
    fields: dict[str, Any] = {"event": operation.kind, "type": operation.type, "id": operation.id}
    if operation.parents:
        fields["parents"] = list(operation.parents)
    if operation.timestamp:
        fields["timestamp"] = operation.timestamp
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


class Outbox(Generic[P]):
    """Operations that wait, the batch on its way, and what becomes of it. Not for several threads at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._waiting: deque[tuple[bytes, P]] = deque()
        self._sent: list[tuple[bytes, P]] = []
        self._packs = True
        self._packed = False

    def add(self, line: bytes, promise: P) -> None:
        """It goes with the next batch."""
        self._waiting.append((line, promise))

    @property
    def is_full(self) -> bool:
        """Whether no more may wait."""
        return len(self._waiting) >= MOST_WAITING

    @property
    def is_empty(self) -> bool:
        """Whether all is answered."""
        return not self._waiting and not self._sent

    @property
    def is_settled(self) -> bool:
        """Whether no batch is on its way."""
        return not self._sent

    def next_batch(self) -> bool:
        """Whether there is a batch to send, which it takes."""
        size = 0
        while self._waiting and len(self._sent) < _MOST_OPERATIONS:
            size += len(self._waiting[0][0]) + 1
            if self._sent and size > _MOST_BYTES:
                break
            self._sent.append(self._waiting.popleft())
        return bool(self._sent)

    def request(self) -> tuple[dict[str, str], bytes]:
        """The headers and the body that send the batch."""
        body = b"\n".join(line for line, _ in self._sent)
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
        if status in (200, 204):
            self._settle(headers.get("Oplog-Event-Id", ""))
        elif status == 415 and self._packed:
            self._packs = False
        else:
            self._refused(refusal(self.endpoint, self.endpoint.password_for_ingest, status, headers, body))

    def failed(self, error: Exception) -> None:
        """None of the batch is known to be durable."""
        sent, self._sent = self._sent, []
        for _, promise in sent:
            if not promise.done():
                promise.set_exception(error)

    def _settle(self, event_id: str) -> None:
        sent, self._sent = self._sent, []
        for _, promise in sent:
            if not promise.done():
                promise.set_result(event_id)

    def _refused(self, error: RefusedError) -> None:
        if error.reason is Reason.INVALID and error.line is not None and 1 <= error.line <= len(self._sent):
            _, promise = self._sent.pop(error.line - 1)
            if not promise.done():
                promise.set_exception(error)
        else:
            self.failed(error)


def wait_after(backoff: Backoff, cause: AgainError, outbox: Outbox[Any]) -> float | None:
    """How long to wait before the batch is sent again; None when that was given up."""
    try:
        return backoff.failed(cause)
    except Exception as e:
        outbox.failed(e)
        return None
