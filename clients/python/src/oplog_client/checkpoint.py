"""Where a consumer goes on."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

from oplog_client.events import is_event_id, shown

Checkpoint: TypeAlias = str
"""The event id up to which everything was acknowledged."""

# Who never acknowledges is not to pay for the progress that comes.
_MOST_PROGRESS = 1000

# Some 150 MB of them.
_MOST_OUT_OF_TURN = 1_000_000

_streams = itertools.count()


class CheckpointStore(Protocol):
    """Keeps a checkpoint."""

    def load(self) -> Checkpoint | None:
        """What was saved last; None when nothing was."""

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep it durably, in place of the one before."""


class FileCheckpointStore:
    """Keeps a checkpoint in a file, which is replaced as a whole: what is there is always a checkpoint."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Name the file; nothing is read or written yet."""
        self._path = Path(path)

    def load(self) -> Checkpoint | None:
        """What was saved last; None when there is no file.

        :raises ValueError: when something else is in the file
        """
        try:
            with self._path.open("rb") as file:
                text = file.read(1024).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            return None
        if not is_event_id(text):
            raise ValueError(f"{self._path} holds no event id: {shown(repr(text))}")
        return text

    def save(self, checkpoint: Checkpoint) -> None:
        """Write it beside, flush it to the disk, and rename it."""
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("wb") as file:
            file.write(checkpoint.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self._flush_folder()

    def _flush_folder(self) -> None:
        with contextlib.suppress(OSError):  # not every system has folders that can be flushed
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


class Acknowledgements:
    """Knows the checkpoint. Any thread may acknowledge; one hands out.

    Events are numbered as they are handed out, so that those which nobody acknowledges cost nothing. No two streams
    give one number.
    """

    def __init__(self) -> None:
        self.checkpoint: Checkpoint | None = None
        self.handed_out = next(_streams) << 48
        self._first_open = self.handed_out + 1
        self._done: dict[int, Checkpoint] = {}
        self._progress: deque[tuple[int, Checkpoint]] = deque(maxlen=_MOST_PROGRESS)
        self._lock = threading.Lock()

    def hand_out(self) -> int:
        """The number of the next event."""
        self.handed_out += 1
        return self.handed_out

    def progress(self, event_id: str) -> None:
        """A position that was given after what was handed out; it counts as acknowledged."""
        with self._lock:
            if self._progress and self._progress[-1][0] == self.handed_out:
                self._progress.pop()
            self._progress.append((self.handed_out, event_id))
            self._pass_progress()

    def acknowledge(self, number: int, event_id: str) -> None:
        """The event of this number is done; one that was already, or was never handed out, changes nothing.

        :raises RuntimeError: when too many are done after one that is not
        """
        with self._lock:
            if not self._first_open <= number <= self.handed_out:
                return
            if number > self._first_open:
                self._keep(number, event_id)
                return
            done: Checkpoint | None = event_id
            while done is not None:
                self.checkpoint = done
                self._first_open += 1
                if self._progress:
                    self._pass_progress()
                done = self._done.pop(self._first_open, None) if self._done else None

    def _keep(self, number: int, event_id: str) -> None:
        if len(self._done) >= _MOST_OUT_OF_TURN and number not in self._done:
            raise RuntimeError(f"{_MOST_OUT_OF_TURN} events were acknowledged after one that is not: {event_id}")
        self._done[number] = event_id

    def _pass_progress(self) -> None:
        while self._progress and self._progress[0][0] < self._first_open:
            self.checkpoint = self._progress.popleft()[1]


class Saving:
    """Says when the checkpoint is to be saved: when it has moved, and not too often."""

    def __init__(self, every: float, saved: Checkpoint | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = every
        self._clock = clock
        self._saved = saved
        self._next = clock() + every

    def is_due(self, checkpoint: Checkpoint | None) -> bool:
        """Whether it is to be saved now."""
        return self.has_moved(checkpoint) and self._clock() >= self._next

    def due_in(self) -> float:
        """How many seconds there are until then."""
        return max(0.0, self._next - self._clock())

    def has_moved(self, checkpoint: Checkpoint | None) -> bool:
        """Whether it is another than the one that was saved."""
        return checkpoint is not None and checkpoint != self._saved

    def saved(self, checkpoint: Checkpoint) -> None:
        """It was."""
        self._saved = checkpoint
        self._next = self._clock() + self._every
