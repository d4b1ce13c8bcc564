"""What can go wrong."""

from __future__ import annotations

from enum import Enum


class OplogError(Exception):
    """Every error of this library."""


class Reason(str, Enum):
    """Why a server refuses for good."""

    NO_PASSWORD = "NO_PASSWORD"
    """It wants a password, and none was sent."""
    UNAUTHORIZED = "UNAUTHORIZED"
    """It wants another password."""
    INVALID = "INVALID"
    """It does not understand what was sent."""
    TOO_LARGE = "TOO_LARGE"
    """It does not take so much at once."""
    SOURCE_CONFLICT = "SOURCE_CONFLICT"
    """The source stands elsewhere."""
    NOT_OPLOG = "NOT_OPLOG"
    """What answers is no oplog server, or not at this path."""


class RefusedError(OplogError):
    """The server refuses, and trying again would not help."""

    def __init__(self, message: str, reason: Reason, status: int, detail: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        """Why."""
        self.status = status
        """The status of the answer."""
        self.detail = detail
        """What the server says about it; empty when it says nothing."""
        self.line = line
        """The line of the body that it does not take, counted from 1."""


class MalformedStreamError(OplogError):
    """What came is not a stream of ours; the message says who sent what."""


class UnavailableError(OplogError):
    """The retry policy gave up; ``__cause__`` is what went wrong last."""


class ClosedError(OplogError):
    """It was closed."""
