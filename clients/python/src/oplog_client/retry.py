"""When to try again, and when to give up."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from oplog_client.errors import UnavailableError

_LEAST = 0.1

# The last attempt has this long even where no patience is left.
_LAST_ATTEMPT = 1.0


class AgainError(Exception):
    """An attempt failed, and another one may not. Never leaves the library but as a cause."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait before the next attempt, in seconds.

    The wait doubles with each failure and is then shortened at random by up to a half, so that clients which lost one
    server together do not come back together.
    """

    first: float = 1.0
    """The longest wait after the first failure."""
    longest: float = 30.0
    """The longest wait of all."""
    give_up_after: float = 0.0
    """How long failures may go on without a success in between; 0 never gives up."""

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.longest or not self.give_up_after >= 0:
            raise ValueError(f"must be 0 <= first <= longest, 0 <= give_up_after: {self!r}")

    def starting_with(self, wait: float) -> RetryPolicy:
        """The same with the first wait that a server asked for, within limits.

        No server makes its clients come back at once for ever.
        """
        return replace(self, first=min(self.longest, max(wait, min(self.first, _LEAST))))

    def delay(self, failures: int) -> float:
        """The wait after so many failures without a success, at least 1."""
        wait: float = min(self.first * 2.0 ** min(failures - 1, 20), self.longest)
        return wait * (1 - random.random() / 2)


FOREVER = RetryPolicy()
"""Never gives up; a consumer's."""

BRIEF = RetryPolicy(first=0.25, longest=4.0, give_up_after=60.0)
"""A publisher's."""


class Backoff:
    """Counts the failures since the last success, and the time since the first of them began."""

    def __init__(self, policy: RetryPolicy, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._clock = clock
        self._failures = 0
        self._since: float | None = None

    def attempt(self, most: float) -> float:
        """An attempt starts that would take so long at most; gives how long it may take."""
        return min(most, max(_LAST_ATTEMPT, self._patience()))

    def answered(self) -> None:
        """What comes after may still fail, but the attempt did not: its time is not counted."""
        if self._failures == 0:
            self._since = None

    def succeeded(self) -> None:
        """The count begins anew."""
        self._failures = 0
        self._since = None

    def start_with(self, wait: float) -> None:
        """The server asked for this first wait."""
        self._policy = self._policy.starting_with(wait)

    def failed(self, cause: AgainError) -> float:
        """Count a failure; gives how long to wait.

        :raises UnavailableError: when it is time to give up
        """
        self._failures += 1
        patience = self._patience()
        if patience <= 0:
            raise UnavailableError(f"{cause}; gave up after {self._policy.give_up_after:g} s") from cause
        return min(patience, max(cause.after, self._policy.delay(self._failures)))

    def _patience(self) -> float:
        """What is left of it; the time starts with the first attempt that asks."""
        now = self._clock()
        if self._since is None:
            self._since = now
        if self._policy.give_up_after == 0:
            return float("inf")
        return self._policy.give_up_after - (now - self._since)
