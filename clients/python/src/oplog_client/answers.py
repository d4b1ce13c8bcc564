"""What an answer's head, and the body of a refusal, mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from oplog_client.endpoint import Endpoint, without_secrets
from oplog_client.errors import Reason, RefusedError
from oplog_client.events import shown
from oplog_client.retry import AgainError

MAX_PROBLEM_BYTES = 64 * 1024

_PASSING = frozenset((408, 425, 429))
_MAX_RETRY_AFTER = 300
_MAX_SHOWN = 500
_LINE = re.compile(r"line (\d{1,18}): ")
_REASONS = {
    400: Reason.INVALID,
    403: Reason.UNAUTHORIZED,
    406: Reason.INVALID,
    409: Reason.SOURCE_CONFLICT,
    413: Reason.TOO_LARGE,
    414: Reason.TOO_LARGE,
    431: Reason.TOO_LARGE,
}


def require_passable(endpoint: Endpoint, status: int, headers: Mapping[str, str]) -> None:
    """Nothing where the answer is final.

    :raises AgainError: when another attempt may be answered otherwise
    """
    if status >= 500 or status in _PASSING:
        raise AgainError(f"{endpoint} answered {status}", _retry_after(headers.get("Retry-After", "")))


def require_stream(endpoint: Endpoint, headers: Mapping[str, str]) -> None:
    """What answers a request for a stream with 200 must be events as they stand.

    :raises RefusedError: when they are something else, or packed, which was not asked for
    """
    kind = headers.get("Content-Type", "")
    if kind.split(";")[0].strip().lower() != "text/event-stream":
        raise _no_stream(f"{endpoint} did not answer with an event stream")
    coding = headers.get("Content-Encoding", "identity")
    if coding.strip().lower() != "identity":
        raise _no_stream(f"{endpoint} answered with Content-Encoding {shown(coding)}, not asked for")


def refusal(
    endpoint: Endpoint, password: str | None, status: int, headers: Mapping[str, str], body: bytes
) -> RefusedError:
    """What is to be raised for an answer that says no for good."""
    reason = Reason.NO_PASSWORD if status == 401 and password is None else _REASONS.get(status, Reason.NOT_OPLOG)
    if status == 401 and password is not None:
        reason = Reason.UNAUTHORIZED
    detail = _detail(body.decode("utf-8", "replace"))
    line = _LINE.match(detail)
    return RefusedError(
        _message(endpoint, password, reason, status, headers, detail),
        reason,
        status,
        detail[line.end() :] if line else detail,
        int(line[1]) if line else None,
    )


def _no_stream(message: str) -> RefusedError:
    return RefusedError(message, Reason.NOT_OPLOG, 200)


def _message(
    endpoint: Endpoint, password: str | None, reason: Reason, status: int, headers: Mapping[str, str], detail: str
) -> str:
    if reason in (Reason.NO_PASSWORD, Reason.UNAUTHORIZED):
        return f"{endpoint} wants {'a' if password is None else 'another'} password"
    if 300 <= status < 400:
        return f"{endpoint} leads on to {shown(without_secrets(headers.get('Location', 'nowhere')))}"
    return f"{endpoint} answered {status}" + (f": {detail}" if detail else "")


def _detail(body: str) -> str:
    """That of the problem document; of anything else its beginning."""
    try:
        detail = json.loads(body)["detail"]
    except (ValueError, LookupError, TypeError, RecursionError):
        detail = body
    return shown(" ".join(str(detail).split()), _MAX_SHOWN)


def _retry_after(value: str) -> float:
    """A date, or nothing, asks for no wait."""
    value = value.strip()
    return float(min(int(value), _MAX_RETRY_AFTER)) if re.fullmatch(r"[0-9]{1,9}", value) else 0.0
