"""The layer below: bytes of a stream of Server-Sent Events in, events out. No input or output is done here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

MAX_LINE_BYTES = 1 << 20
MAX_EVENT_BYTES = 4 << 20

_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n?|\n")
_MAX_RETRY = 2**31 - 1

# An event as our server frames it. In chunks without CR it means what it means line by line.
_OUR_EVENT = re.compile(rb"id: ([0-9a-f]{24})\nevent: ([a-z]{1,32})\ndata: (.*)\n\n")
_NAMES = {name.encode(): name for name in ("insert", "update", "delete", "reset", "live", "progress")}


class SseEvent(NamedTuple):
    """An event as it was sent."""

    type: str
    """Its name; ``message`` where it has none."""
    data: str
    """Its data; lines end in LF."""
    last_event_id: str
    """The id that holds for it; empty when there was none."""


class SseError(ValueError):
    """A limit was passed; the parser is of no use then."""


class SseParser:
    """Makes events of bytes, as the WHATWG's HTML standard says.

    A line ends in LF, CR or CRLF, wherever the chunks are cut; a byte order mark at the start is passed over; an event
    that the stream ends in is dropped. What is kept between chunks is at most a line and an event. One instance is for
    one connection, and for one thread.
    """

    def __init__(
        self,
        max_line_bytes: int = MAX_LINE_BYTES,
        max_event_bytes: int = MAX_EVENT_BYTES,
        on_retry: Callable[[int], None] | None = None,
    ) -> None:
        """Make a parser.

        :param max_line_bytes: the longest line, without its end
        :param max_event_bytes: the longest data of an event
        :param on_retry: hears each ``retry:``, in milliseconds
        """
        self.last_event_id = ""
        """The id to resume from, if the stream ended now; empty when there was none."""
        self.comments = 0
        """How many comments there were: heartbeats are some."""
        self._max_line = max_line_bytes
        self._max_event = max_event_bytes
        self._window = max(1, min(max_line_bytes, max_event_bytes, 1 << 16))
        self._on_retry = on_retry
        self._partial = bytearray()
        self._lf_ends_cr = False
        self._first = True
        self._clear()
        self._id = ""

    def _clear(self) -> None:
        self._type = b""
        self._data: list[bytes] = []
        self._data_size = 0
        self._between = True

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Read a chunk; gives the events that end in it.

        :raises SseError: when a line or an event is too long
        """
        events: list[SseEvent] = []
        if len(chunk) <= self._window:
            self._feed(chunk, events)
        else:
            for at in range(0, len(chunk), self._window):
                self._feed(chunk[at : at + self._window], events)
        return events

    def _feed(self, chunk: bytes, events: list[SseEvent]) -> None:
        at = self._after_cut_end(chunk)
        ours = b"\r" not in chunk
        while at < len(chunk):
            if ours and self._between and not self._partial:
                at = self._whole_events(chunk, at, events)
            at = self._next_line(chunk, at, events)

    def _after_cut_end(self, chunk: bytes) -> int:
        """The LF of a CRLF that the chunks were cut in belongs to the line before."""
        if self._lf_ends_cr and chunk:
            self._lf_ends_cr = False
            return 1 if chunk[:1] == b"\n" else 0
        return 0

    def _whole_events(self, chunk: bytes, at: int, events: list[SseEvent]) -> int:
        """The fast way: events of our own server's framing, as many as stand here one after the other.

        A chunk is no longer than a line may be, so no limit is passed.
        """
        start = at
        event_id = b""
        match = _OUR_EVENT.match
        name_of = _NAMES.get
        add = events.append
        while event := match(chunk, at):
            event_id, name, data = event.groups()
            add(SseEvent(name_of(name) or name.decode(), data.decode("utf-8", "replace"), event_id.decode()))
            at = event.end()
        if at > start:
            self._first = False
            self._id = self.last_event_id = event_id.decode()
        return at

    def _next_line(self, chunk: bytes, at: int, events: list[SseEvent]) -> int:
        end = _LINE_END.search(chunk, at)
        if end is None:
            self._keep(chunk[at:])
            return len(chunk)
        line = chunk[at : end.start()]
        if self._partial:
            self._keep(line)
            line = bytes(self._partial)
            self._partial.clear()
        self._require_line(len(line))
        self._line(line, events)
        self._lf_ends_cr = end.end() == len(chunk) and chunk.endswith(b"\r")
        return end.end()

    def _keep(self, part: bytes) -> None:
        self._require_line(len(self._partial) + len(part))
        self._partial += part

    def _require_line(self, size: int) -> None:
        if size > self._max_line:
            raise SseError(f"a line must have at most {self._max_line} bytes: it has {size} or more")

    def _line(self, line: bytes, events: list[SseEvent]) -> None:
        if self._first:
            self._first = False
            line = line.removeprefix(_MARK)
        if not line:
            self._dispatch(events)
        elif line.startswith(b":"):
            self.comments += 1
        else:
            name, _, value = line.partition(b":")
            self._field(name, value.removeprefix(b" "))

    def _field(self, name: bytes, value: bytes) -> None:
        self._between = False
        if name == b"data":
            self._add_data(value)
        elif name == b"event":
            self._type = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry":
            self._retry(value)

    def _add_data(self, value: bytes) -> None:
        self._data_size += len(value) + 1
        if self._data_size - 1 > self._max_event:
            raise SseError(f"an event must have at most {self._max_event} bytes of data: it has more")
        self._data.append(value)

    def _retry(self, value: bytes) -> None:
        if value.isdigit() and self._on_retry:
            digits = value.lstrip(b"0")
            self._on_retry(min(int(digits or b"0"), _MAX_RETRY) if len(digits) < 11 else _MAX_RETRY)

    def _dispatch(self, events: list[SseEvent]) -> None:
        self.last_event_id = self._id
        if self._data:
            name = self._type.decode("utf-8", "replace") or "message"
            events.append(SseEvent(name, b"\n".join(self._data).decode("utf-8", "replace"), self._id))
        self._clear()
