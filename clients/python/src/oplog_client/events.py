"""What a stream tells, and how it is read from what was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from oplog_client.sse import SseEvent

_EVENT_ID = re.compile(r"[0-9a-f]{24}")
_MAX_SHOWN = 200
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(slots=True, unsafe_hash=True)
class Operation:
    """An object changed: an operation, or a replicated state. Not to be modified.

    A producer makes one of ``kind``, ``type``, ``id`` and ``parents``, and may add the ``timestamp``. It is not frozen
    since that would double what it costs to make one.
    """

    kind: str
    """``insert``, ``update`` or ``delete``."""
    type: str
    """The object's type."""
    id: str
    """The object's id."""
    parents: Sequence[str] = ()
    """What the object belongs to."""
    timestamp: str = ""
    """When the producer changed it, RFC 3339; empty for a producer's present moment."""
    ref: str | None = None
    """The object's URL, when the server has a template for it."""
    event_id: str = ""
    """The position in the log."""
    number: int = field(default=0, repr=False, compare=False)
    """Which event of its stream it was; the stream's own."""


@dataclass(slots=True, unsafe_hash=True)
class Reset:
    """What the consumer holds is void, and everything that exists follows."""

    event_id: str
    """The position in the log."""
    reason: str = ""
    """Why, in a word such as ``requested``; empty when the server gave none."""
    number: int = field(default=0, repr=False, compare=False)
    """Which event of its stream it was; the stream's own."""


@dataclass(slots=True, unsafe_hash=True)
class Live:
    """The consumer caught up; operations follow as they happen."""

    event_id: str
    """The position in the log."""
    number: int = field(default=0, repr=False, compare=False)
    """Which event of its stream it was; the stream's own."""


@dataclass(slots=True, unsafe_hash=True)
class Progress:
    """Nothing that the filter lets through stands before this position any more. Streams keep it to themselves."""

    event_id: str
    """The position in the log."""


Event: TypeAlias = Operation | Reset | Live
"""What a stream hands out."""


def is_event_id(text: str) -> bool:
    """Whether it is a position that a server gave: 24 lower-case hex digits."""
    return _EVENT_ID.fullmatch(text) is not None


def decode(event: SseEvent) -> Operation | Reset | Live | Progress | None:
    """Read an event; None where its name is not known.

    :raises ValueError: when its id or its data are not what the protocol says
    """
    kind, data, event_id = event
    if kind in _KINDS:
        return _operation(kind, data, _required_id(event_id))
    if kind == "progress":
        return Progress(_required_id(event_id))
    if kind == "live":
        return Live(_required_id(event_id))
    if kind == "reset":
        return Reset(_required_id(event_id), _reset_reason(data))
    if event_id:
        _required_id(event_id)
    return None


_KINDS = frozenset(("insert", "update", "delete"))


def _required_id(event_id: str) -> str:
    if len(event_id) == 24 and _EVENT_ID.fullmatch(event_id):
        return event_id
    raise ValueError(f"the event's id is not of 24 lower-case hex digits: {shown(event_id)}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_JSON = json.JSONDecoder(parse_constant=_no_constant)
_read = _JSON.raw_decode


def _operation(kind: str, data: str, event_id: str) -> Operation:
    try:
        fields, end = _read(data)
        if end != len(data):
            fields = _JSON.decode(data)
        get = fields.get
        type_, id_, parents, timestamp, ref = get("type"), get("id"), get("parents"), get("timestamp"), get("ref")
    except (ValueError, RecursionError, AttributeError):
        raise ValueError(f"event {event_id}: {_what_is_wrong(data)}") from None
    if parents.__class__ is list and type_.__class__ is str and id_.__class__ is str and timestamp.__class__ is str:
        operation = Operation(kind, type_, id_, tuple(parents), timestamp, ref, event_id)
        # an empty text, one parent that is no text, or an escape need a closer look
        if type_ and id_ and timestamp and ref is None and "\\" not in data and _are_texts(parents):
            return operation
    return _checked_operation(kind, fields, event_id)


def _are_texts(parents: list[Any]) -> bool:
    for parent in parents:  # noqa: SIM110 - any() would cost more than all else
        if parent.__class__ is not str or not parent:
            return False
    return True


def _checked_operation(kind: str, fields: dict[str, Any], event_id: str) -> Operation:
    type_ = _text(fields, "type", event_id)
    id_ = _text(fields, "id", event_id)
    parents = fields.get("parents") or []
    if not isinstance(parents, list) or not _are_texts(parents):
        raise ValueError(f"event {event_id}: parents must be a list of texts that are not empty")
    for parent in parents:
        _require_whole(parent, "a parent", event_id)
    timestamp = _text(fields, "timestamp", event_id)
    ref = _text(fields, "ref", event_id) if fields.get("ref") is not None else None
    return Operation(kind, type_, id_, tuple(parents), timestamp, ref, event_id)


def _text(fields: dict[str, Any], name: str, event_id: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"event {event_id}: {name} must be a text that is not empty: {shown(repr(value))}")
    return _require_whole(value, name, event_id)


def _require_whole(text: str, name: str, event_id: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"event {event_id}: {name} must not hold half of a surrogate pair") from None
    return text


def _what_is_wrong(data: str) -> str:
    try:
        return f"an operation is a JSON object, not a {type(_JSON.decode(data)).__name__}"
    except (ValueError, RecursionError) as e:
        return f"its data is no JSON: {e}"


def _reset_reason(data: str) -> str:
    """Whatever its data are, a reset must be heard."""
    try:
        reason = _JSON.decode(data).get("reason", "")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return reason if isinstance(reason, str) else ""


def shown(text: str, most: int = _MAX_SHOWN) -> str:
    """The beginning of a text that somebody else wrote, on one line."""
    return _CONTROLS.sub(" ", text if len(text) <= most else text[:most] + "…")
