"""A client of oplog: follow a durable, ordered, resumable stream of what changed, or publish to it."""

from oplog_client.async_stream import AsyncCheckpointStore, AsyncEventStream, follow_async
from oplog_client.checkpoint import Checkpoint, CheckpointStore, FileCheckpointStore
from oplog_client.endpoint import Endpoint
from oplog_client.errors import (
    ClosedError,
    MalformedStreamError,
    OplogError,
    Reason,
    RefusedError,
    UnavailableError,
)
from oplog_client.events import Event, Live, Operation, Reset
from oplog_client.processing import process, process_async
from oplog_client.retry import RetryPolicy
from oplog_client.sse import SseError, SseEvent, SseParser
from oplog_client.stream import EventStream, follow

__all__ = [
    "AsyncCheckpointStore",
    "AsyncEventStream",
    "Checkpoint",
    "CheckpointStore",
    "ClosedError",
    "Endpoint",
    "Event",
    "EventStream",
    "FileCheckpointStore",
    "Live",
    "MalformedStreamError",
    "Operation",
    "OplogError",
    "Reason",
    "RefusedError",
    "Reset",
    "RetryPolicy",
    "SseError",
    "SseEvent",
    "SseParser",
    "UnavailableError",
    "follow",
    "follow_async",
    "process",
    "process_async",
]
