"""The small parts."""

from __future__ import annotations

import random
from datetime import datetime, timezone

import pytest
from servers import control, event, seed

from oplog_client import Endpoint, RetryPolicy, SseError, SseEvent, SseParser, UnavailableError
from oplog_client.following import StreamRequest, last_event_id
from oplog_client.retry import AgainError, Backoff


def test_chunks_may_be_cut_anywhere() -> None:
    numbers = random.Random(seed())
    pieces = [event(1), event(2, "delete"), b":\n", control(3, "live"), b"retry: 5\n", b"\xc3\xbc: x\r\n\r\n", b"\n"]
    pieces += [
        b"data: \xc3\xbc\xff\r\r",
        b"event: insert\ndata: a\rb\n\n",
        b"data\n\n",
        b"id: 7\0\ndata: x\n\n",
        b"data: y\n",
        b"event: y\n",
    ]
    for _ in range(300):
        stream = b"".join(numbers.choices(pieces, k=20))
        whole = by_bytes(stream)
        at = 0
        parser = SseParser()
        events: list[SseEvent] = []
        while at < len(stream):
            size = numbers.randrange(1, 200)
            events += parser.feed(stream[at : at + size])
            at += size
        assert events == whole
        assert SseParser().feed(stream) == whole


def by_bytes(stream: bytes) -> list[SseEvent]:
    parser = SseParser()
    return [found for at in range(len(stream)) for found in parser.feed(stream[at : at + 1])]


def test_limits_hold_in_one_large_chunk_too() -> None:
    with pytest.raises(SseError, match="a line"):
        SseParser(max_line_bytes=100).feed(event(1, id_="x" * 100) * 10)
    with pytest.raises(SseError, match="an event"):
        SseParser(max_event_bytes=100).feed(event(1, id_="x" * 100) * 10)


def test_waits_double_and_are_shortened_by_up_to_a_half() -> None:
    policy = RetryPolicy(first=1, longest=30)
    for failures, longest in ((1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (1000, 30)):
        waits = [policy.delay(failures) for _ in range(200)]
        assert longest / 2 <= min(waits) < longest * 0.6
        assert longest * 0.9 < max(waits) <= longest


def test_the_first_wait_that_a_server_asks_for_has_limits() -> None:
    policy = RetryPolicy(first=1, longest=30)
    assert [policy.starting_with(wait).first for wait in (0, 0.2, 5, 100)] == [0.1, 0.2, 5, 30]


def test_patience_is_counted_from_the_first_failure_in_a_row() -> None:
    now = [0.0]
    backoff = Backoff(RetryPolicy(first=1, longest=1, give_up_after=10), clock=lambda: now[0])
    assert backoff.attempt(60) == 10
    backoff.failed(AgainError("a"))
    now[0] = 9.5
    assert backoff.attempt(60) == 1
    assert backoff.failed(AgainError("b", after=7)) == 0.5
    now[0] = 11
    with pytest.raises(UnavailableError, match="c; gave up after 10 s"):
        backoff.failed(AgainError("c"))
    backoff.succeeded()
    assert backoff.failed(AgainError("d")) <= 1


@pytest.mark.parametrize("settings", [{"first": 2, "longest": 1}, {"first": -1}, {"give_up_after": -1}])
def test_a_policy_makes_sense(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        RetryPolicy(**settings)


@pytest.mark.parametrize(
    "url", ["h:8042", "http://h:8042", "http://h:8042/", "http://h:8042/ops", "http://h:8042/ops/"]
)
def test_addresses(url: str) -> None:
    assert Endpoint(url).operations == "http://h:8042/ops"


@pytest.mark.parametrize("url", ["http://", "ftp://h", "http://u:s3cret@h", "http://h/?a=s3cret", "http://h:x/", "h h"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        Endpoint(url)
    assert "s3cret" not in str(caught.value)


def test_an_address_that_cannot_be_asked_is_none() -> None:
    for url in ("http://exa\u2488mple", "http://xn--\u00fc", "http://h/" + "x" * 70_000):
        with pytest.raises(ValueError, match="address"):
            Endpoint(url)


def test_positions() -> None:
    moment = datetime(2014, 11, 6, 11, 4, 39, 41000, tzinfo=timezone.utc)
    assert last_event_id(moment) == last_event_id(1415271879041) == "1415271879041"
    local = datetime(2014, 11, 6, 12, 0)
    assert last_event_id(local) == last_event_id(local.astimezone(timezone.utc))
    past = datetime(1969, 12, 31, tzinfo=timezone.utc)
    for wrong in ("-5", past, "", "6920C0DE0001000000000A2F", "0\r\nX: y", 10**13):
        with pytest.raises(ValueError, match="not now"):
            last_event_id(wrong)


def test_an_empty_filter_does_not_ask_for_everything() -> None:
    with pytest.raises(ValueError, match="is empty"):
        StreamRequest.of("h", ("",), ())
    with pytest.raises(ValueError, match="is empty"):
        StreamRequest.of("h", (), ("user/u1", ""))


def test_a_text_is_no_list() -> None:
    with pytest.raises(TypeError):
        StreamRequest.of("h", "video", ())
