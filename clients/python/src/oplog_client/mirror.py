"""A copy that is kept in step, by threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from oplog_client import wire
from oplog_client.endpoint import Endpoint
from oplog_client.errors import ClosedError
from oplog_client.events import Event, Operation, Progress
from oplog_client.following import listed
from oplog_client.mirroring import SKIPPED, Batch, Meter, MirrorProgress, MirrorTarget, Verdict, needs_fetch
from oplog_client.retry import FOREVER, RetryPolicy
from oplog_client.stream import EventStream, follow

_FETCHES = RetryPolicy(first=0.5, longest=10.0)
_Step: TypeAlias = tuple["Event | Progress", "Future[Any] | None"]


class Mirror:
    """Makes a target the same as the source, for the types and parents that it asks for, and keeps it so.

    ``fetch`` is called by threads, ``concurrency`` at once; the target and the listeners by the thread of
    :meth:`run`.
    """

    def __init__(
        self,
        endpoint: Endpoint | str,
        fetch: Callable[[Operation], Any],
        target: MirrorTarget,
        *,
        types: Iterable[str] = (),
        parents: Iterable[str] = (),
        concurrency: int = 8,
        attempts: int = 5,
        fetch_retry: RetryPolicy = _FETCHES,
        on_dead_letter: Callable[[Operation, Exception], Verdict] | None = None,
        on_progress: Callable[[MirrorProgress], object] | None = None,
        batch: int = 500,
        silence: float = 60.0,
        retry: RetryPolicy = FOREVER,
        verify: wire.Verify = True,
    ) -> None:
        """Make a mirror; nothing is asked for before :meth:`run`.

        :param fetch: gives the object of an operation, or None where it is gone
        :param target: is given the changes
        :param attempts: how often an object is asked for, at most
        :param fetch_retry: how long to wait in between
        :param on_dead_letter: hears of an object that could not be had, and says ``skip`` or ``stop``; without it the
            mirror stops
        :param on_progress: hears how far it is, at most once a second, and when it is live
        :param batch: how many events are committed together, at most
        """
        if concurrency < 1 or attempts < 1 or batch < 1:
            raise ValueError(f"must be at least 1: concurrency={concurrency} attempts={attempts} batch={batch}")
        self._endpoint = endpoint
        self._fetch = fetch
        self._target = target
        self._types = listed(types)
        self._parents = listed(parents)
        self._concurrency = concurrency
        self._attempts = attempts
        self._fetch_retry = fetch_retry
        self._on_dead_letter = on_dead_letter
        self._on_progress = on_progress
        self._batch = batch
        self._settings: dict[str, Any] = {"silence": silence, "retry": retry, "verify": verify}
        self._stopped = threading.Event()
        self._stream: EventStream | None = None

    def run(self) -> None:
        """Mirror, until :meth:`close` is called.

        :raises Exception: that of a target, of a fetch that gets no further, or of the stream
        """
        batch = Batch(self._target.load())
        stream = follow(self._endpoint, types=self._types, parents=self._parents, from_=batch.start, **self._settings)
        self._stream = stream
        with stream, ThreadPoolExecutor(self._concurrency, "oplog-mirror") as pool:
            steps: queue.Queue[_Step | BaseException] = queue.Queue(self._batch + self._concurrency)
            reader = threading.Thread(target=self._read, args=(stream, pool, steps), daemon=True)
            reader.start()
            try:
                self._commit_all(batch, steps)
            finally:
                self.close()
                _join(reader, steps)
                pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """End :meth:`run`; any thread."""
        self._stopped.set()
        if self._stream is not None:
            self._stream.shut()

    def _read(self, stream: EventStream, pool: ThreadPoolExecutor, steps: queue.Queue[_Step | BaseException]) -> None:
        try:
            while not self._stopped.is_set():
                event = stream.next_position()
                fetched = pool.submit(self._fetched, event) if needs_fetch(event, self._parents) else None
                steps.put((event, fetched))
            steps.put(ClosedError("the mirror was closed"))
        except BaseException as e:
            steps.put(e)

    def _fetched(self, event: Event | Progress) -> Any:
        assert isinstance(event, Operation)
        failed = 0
        while True:
            self._require_open()
            try:
                return self._fetch(event)
            except Exception:
                failed += 1
                if failed >= self._attempts:
                    raise
                self._stopped.wait(self._fetch_retry.delay(failed))

    def _require_open(self) -> None:
        if self._stopped.is_set():
            raise ClosedError("the mirror was closed")

    def _commit_all(self, batch: Batch, steps: queue.Queue[_Step | BaseException]) -> None:
        meter = Meter(self._on_progress)
        try:
            while True:
                self._add(batch, steps.get())
                self._add_what_is_there(batch, steps)
                self._commit(batch, meter)
        except ClosedError:
            if not self._stopped.is_set():
                raise
            self._commit(batch, meter)

    def _add_what_is_there(self, batch: Batch, steps: queue.Queue[_Step | BaseException]) -> None:
        count = 1
        while count < self._batch and not steps.empty():
            self._add(batch, steps.get())
            count += 1

    def _add(self, batch: Batch, step: _Step | BaseException) -> None:
        if isinstance(step, BaseException):
            raise step
        event, fetched = step
        batch.add(event, None if fetched is None else self._result(event, fetched))

    def _result(self, event: Event | Progress, fetched: Future[Any]) -> Any:
        assert isinstance(event, Operation)
        try:
            return fetched.result()
        except Exception as e:
            self._require_open()
            if self._on_dead_letter is None or self._on_dead_letter(event, e) != "skip":
                raise
            return SKIPPED

    def _commit(self, batch: Batch, meter: Meter) -> None:
        if not batch.is_empty:
            self._target.commit(batch.changes, batch.checkpoint)
        meter.committed(batch.operations, batch.live)
        batch.committed()

    def __enter__(self) -> Mirror:
        return self

    def __exit__(self, *ignored: object) -> None:
        self.close()


def _join(reader: threading.Thread, steps: queue.Queue[_Step | BaseException]) -> None:
    """Makes room for a reader that waits for it, until it ends."""
    while reader.is_alive():
        try:
            steps.get(timeout=0.05)
        except queue.Empty:
            reader.join(0.05)
