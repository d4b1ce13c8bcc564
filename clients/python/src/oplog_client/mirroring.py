"""What a mirror decides, without any input or output: both drivers share it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from oplog_client.events import Event, Operation, Progress, Reset, shown

_CHECKPOINT = re.compile(r"([0-9a-f]{24}) ([0-9]{1,18}) (live|reset)")
_REPORT_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Put:
    """An object is as it was fetched."""

    type: str
    id: str
    parents: Sequence[str]
    object: Any
    generation: int
    """The number of the replication that it was last seen in."""


@dataclass(frozen=True, slots=True)
class Remove:
    """An object is gone, or is no longer among the mirror's."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class RemoveOlder:
    """All objects with an older generation are gone."""

    generation: int


Change: TypeAlias = Put | Remove | RemoveOlder
"""What is to be done to a target."""

Verdict: TypeAlias = Literal["skip", "stop"]
"""What is to be done about an object that cannot be had."""


class MirrorTarget(Protocol):
    """Where the copy is kept."""

    def load(self) -> str | None:
        """The checkpoint that was committed last; None when nothing was."""

    def commit(self, changes: Sequence[Change], checkpoint: str) -> None:
        """Make the changes, in their order, and the checkpoint durable together."""


class AsyncMirrorTarget(Protocol):
    """Where the copy is kept, as :class:`MirrorTarget`."""

    async def load(self) -> str | None:
        """The checkpoint that was committed last; None when nothing was."""

    async def commit(self, changes: Sequence[Change], checkpoint: str) -> None:
        """Make the changes, in their order, and the checkpoint durable together."""


@dataclass(frozen=True)
class MirrorProgress:
    """How far a mirror is."""

    replicated: int
    """How many operations and states were committed since the run began."""
    rate: float
    """How many in a second."""
    live: bool
    """Whether the mirror has caught up."""


class Batch:
    """Changes that follow each other, and the checkpoint after them."""

    def __init__(self, checkpoint: str | None) -> None:
        """Start where a target stands.

        :raises ValueError: when its checkpoint is none of a mirror
        """
        self.changes: list[Change] = []
        self.operations = 0
        self.live = False
        found = _CHECKPOINT.fullmatch(checkpoint) if checkpoint is not None else None
        if checkpoint is not None and found is None:
            raise ValueError(f"the target's checkpoint is none of a mirror: {shown(repr(checkpoint))}")
        self.start = found[1] if found else "0"
        self._committed = checkpoint
        self._event_id = found[1] if found else ""
        self._generation = int(found[2]) if found else 0
        self._in_reset = found is not None and found[3] == "reset"

    def add(self, event: Event | Progress, fetched: Any) -> None:
        """The next event, and the object that was fetched for it: None is a removal, ``SKIPPED`` is neither."""
        if isinstance(event, Operation):
            self.operations += 1
            if fetched is not SKIPPED:
                self.changes.append(self._change(event, fetched))
        elif isinstance(event, Reset):
            self._generation += 1
            self._in_reset = True
            self.live = False
        elif not isinstance(event, Progress):
            self._go_live()
        self._event_id = event.event_id

    def _change(self, operation: Operation, fetched: Any) -> Change:
        if fetched is None:
            return Remove(operation.type, operation.id)
        return Put(operation.type, operation.id, tuple(operation.parents), fetched, self._generation)

    def _go_live(self) -> None:
        self.live = True
        if self._in_reset:
            self._in_reset = False
            self.changes.append(RemoveOlder(self._generation))

    @property
    def checkpoint(self) -> str:
        """Where the target stands when the changes are made."""
        return f"{self._event_id} {self._generation} {'reset' if self._in_reset else 'live'}"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit, not even another checkpoint: a ``Live`` has the last state's position."""
        return not self._event_id or self.checkpoint == self._committed

    def committed(self) -> None:
        """The next changes follow."""
        self.changes = []
        self.operations = 0
        self._committed = self.checkpoint


class _Skipped:
    pass


SKIPPED = _Skipped()
"""In place of an object that could not be had."""


class Meter:
    """Tells how far a mirror is: when it becomes live, and not too often."""

    def __init__(
        self, hear: Callable[[MirrorProgress], object] | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._hear = hear
        self._clock = clock
        self._began = clock()
        self._told = self._began
        self._count = 0
        self._live = False

    def committed(self, operations: int, live: bool) -> None:
        """So many more are."""
        self._count += operations
        now = self._clock()
        became_live = live and not self._live
        self._live = live
        if self._hear is not None and (became_live or now - self._told >= _REPORT_EVERY):
            self._told = now
            self._hear(MirrorProgress(self._count, self._count / max(now - self._began, 1e-9), live))


def needs_fetch(event: Event | Progress, parents: frozenset[str]) -> bool:
    """Whether it is of an object that exists, and is among the mirror's."""
    if not isinstance(event, Operation) or event.kind == "delete":
        return False
    return not parents or not parents.isdisjoint(event.parents)
