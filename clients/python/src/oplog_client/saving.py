"""Saves the checkpoint while a stream goes on, and at its end."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, cast

from oplog_client.checkpoint import Checkpoint, CheckpointStore, Saving


class Saver:
    """Saves in the thread that acknowledges, when it is due; in a thread of its own where nothing follows.

    :meth:`save_if_due` and :meth:`end` raise what the store does.
    """

    def __init__(
        self,
        store: CheckpointStore,
        saving: Saving,
        checkpoint: Callable[[], Checkpoint | None],
        on_failure: Callable[[], None],
    ) -> None:
        """Save what ``checkpoint`` gives; ``on_failure`` is to make another thread call :meth:`save_if_due`."""
        self._store = store
        self._saving = saving
        self._checkpoint = checkpoint
        self._on_failure = on_failure
        self._lock = threading.RLock()
        self._is_saving = False
        self._later: threading.Timer | None = None
        self._stopped = False

    def save_if_due(self) -> None:
        """Now, later, or not at all."""
        checkpoint = self._checkpoint()
        if self._stopped or not self._saving.has_moved(checkpoint):
            return
        if self._saving.is_due(checkpoint):
            if not self._lock.acquire(blocking=False):
                return  # who saves looks again when that is done
            try:
                self._save()
            finally:
                self._lock.release()
        if self._later is None and self._saving.has_moved(self._checkpoint()):
            self._save_later()

    def _save_later(self) -> None:
        self._later = later = threading.Timer(min(self._saving.due_in(), threading.TIMEOUT_MAX), self._save_meanwhile)
        later.name = "oplog-save"
        later.daemon = True
        later.start()

    def _save_meanwhile(self) -> None:
        self._later = None
        try:
            self.save_if_due()
        except Exception:
            self._on_failure()

    def _save(self) -> None:
        if self._is_saving:  # a signal came meanwhile, and its handler closes the stream
            return
        self._is_saving = True
        try:
            checkpoint = self._checkpoint()
            if checkpoint is not None and self._saving.has_moved(checkpoint):
                self._store.save(checkpoint)
                self._saving.saved(checkpoint)
        finally:
            self._is_saving = False

    def stop(self) -> None:
        """Somebody else may go on from there, and save: nothing is saved any more, but by :meth:`end`."""
        self._stopped = True
        later = self._later
        if later is not None:
            later.cancel()

    def end(self) -> None:
        """Save for the last time."""
        self.stop()
        with self._lock:
            self._save()


class AsyncCheckpointStore(Protocol):
    """Keeps a checkpoint, as :class:`CheckpointStore` does."""

    async def load(self) -> Checkpoint | None:
        """What was saved last; None when nothing was."""

    async def save(self, checkpoint: Checkpoint) -> None:
        """Keep it durably, in place of the one before."""


AnyCheckpointStore: TypeAlias = CheckpointStore | AsyncCheckpointStore
"""One that is not for asyncio is called in threads."""


class AsyncSaver:
    """Saves in a task of its own, which no cancellation of another cuts short; one at a time."""

    def __init__(
        self,
        store: AnyCheckpointStore,
        every: float,
        checkpoint: Callable[[], Checkpoint | None],
        on_failure: Callable[[], None],
    ) -> None:
        """Save what ``checkpoint`` gives; ``on_failure`` is to make a task call :meth:`raise_failure`."""
        self._store = store
        self._every = every
        self._checkpoint = checkpoint
        self._on_failure = on_failure
        self._saving: Saving | None = None
        self._lock = asyncio.Lock()
        self._later: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_coming = False
        self._failure: Exception | None = None
        self._stopped = False

    @property
    def is_loaded(self) -> bool:
        """Whether :meth:`load` has ended."""
        return self._saving is not None

    async def load(self) -> Checkpoint | None:
        """What was saved last."""
        checkpoint = await _called(self._store.load)
        self._saving = Saving(self._every, checkpoint)
        return checkpoint

    def save_when_due(self) -> None:
        """Where it has moved, and that is not coming."""
        if not self._is_coming and not self._stopped and self._failure is None and self._has_moved():
            with contextlib.suppress(RuntimeError):  # outside of the loop: whoever asks for the next event does it
                self._save_later(asyncio.get_running_loop())

    def _has_moved(self) -> bool:
        return self._saving is not None and self._saving.has_moved(self._checkpoint())

    def _save_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_coming = True
        self._later = loop.call_later(self._saving.due_in() if self._saving else 0, self._start)

    def _start(self) -> None:
        self._task = asyncio.create_task(self._save_meanwhile())

    async def _save_meanwhile(self) -> None:
        try:
            await self._save()
        except Exception as e:
            self._failure = e
            self._on_failure()
        self._is_coming = False
        self.save_when_due()

    async def _save(self) -> None:
        async with self._lock:
            checkpoint = self._checkpoint()
            if checkpoint is not None and self._saving is not None and self._saving.has_moved(checkpoint):
                await _called(self._store.save, checkpoint)
                self._saving.saved(checkpoint)

    def raise_failure(self) -> None:
        """What the store raised; the next time is a new one."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def stop(self) -> None:
        """Somebody else may go on from there, and save: nothing is saved any more, but by :meth:`end`."""
        self._stopped = True
        if self._later is not None:
            self._later.cancel()

    async def end(self) -> None:
        """Save for the last time; what was to be saved before is, or fails again."""
        self.stop()
        self._task = asyncio.create_task(self._save())
        await asyncio.shield(self._task)


async def _called(call: Callable[..., Any], *arguments: str) -> Checkpoint | None:
    """Calls a store of either kind, however it is made."""
    result = call(*arguments) if inspect.iscoroutinefunction(call) else await asyncio.to_thread(call, *arguments)
    return cast("Checkpoint | None", await result if inspect.isawaitable(result) else result)
