"""Which operations may run side by side."""

from __future__ import annotations

from collections import deque

from oplog_client.events import Operation

# For each handler that runs, so many operations may wait: for their object, mostly.
WAITING = 16


class Lanes:
    """Operations on one object follow each other, in a lane of its own. Not for several threads at once."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, str], deque[Operation]] = {}

    def enter(self, operation: Operation) -> bool:
        """Whether it may run now; if not, it waits."""
        key = (operation.type, operation.id)
        lane = self._lanes.get(key)
        if lane is None:
            self._lanes[key] = deque()
            return True
        lane.append(operation)
        return False

    def leave(self, operation: Operation) -> Operation | None:
        """It has run; gives the one that may run now in its place."""
        key = (operation.type, operation.id)
        lane = self._lanes[key]
        if lane:
            return lane.popleft()
        del self._lanes[key]
        return None
