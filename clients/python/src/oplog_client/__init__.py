"""A client of oplog: follow a durable, ordered, resumable stream of what changed, or publish to it."""

from oplog_client.async_mirror import AsyncMirror
from oplog_client.async_publisher import AsyncPublisher
from oplog_client.async_stream import AsyncEventStream, follow_async
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
from oplog_client.mirror import Mirror
from oplog_client.mirroring import (
    AsyncMirrorTarget,
    Change,
    MirrorProgress,
    MirrorTarget,
    Put,
    Remove,
    RemoveOlder,
)
from oplog_client.processing import process, process_async
from oplog_client.publisher import Publisher
from oplog_client.retry import RetryPolicy
from oplog_client.saving import AsyncCheckpointStore
from oplog_client.sse import SseError, SseEvent, SseParser
from oplog_client.stream import EventStream, follow
from oplog_client.udp import UdpPublisher

__all__ = [
    "AsyncCheckpointStore",
    "AsyncEventStream",
    "AsyncMirror",
    "AsyncMirrorTarget",
    "AsyncPublisher",
    "Change",
    "Checkpoint",
    "CheckpointStore",
    "ClosedError",
    "Endpoint",
    "Event",
    "EventStream",
    "FileCheckpointStore",
    "Live",
    "MalformedStreamError",
    "Mirror",
    "MirrorProgress",
    "MirrorTarget",
    "Operation",
    "OplogError",
    "Publisher",
    "Put",
    "Reason",
    "RefusedError",
    "Remove",
    "RemoveOlder",
    "Reset",
    "RetryPolicy",
    "SseError",
    "SseEvent",
    "SseParser",
    "UdpPublisher",
    "UnavailableError",
    "follow",
    "follow_async",
    "process",
    "process_async",
]
