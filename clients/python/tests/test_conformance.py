"""The cases that all client libraries run."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from oplog_client import Endpoint, Live, Operation, RefusedError, Reset
from oplog_client.answers import refusal, require_passable, require_stream
from oplog_client.checkpoint import Acknowledgements
from oplog_client.events import Progress, decode
from oplog_client.following import StreamRequest, last_event_id
from oplog_client.retry import AgainError
from oplog_client.sse import SseError, SseEvent, SseParser

CASES = Path(__file__).parents[2] / "conformance"


def cases(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case["name"]) for case in json.loads((CASES / name).read_text("utf-8"))]
    )


def text(value: Any) -> str:
    return value if isinstance(value, str) else value["text"] * value["repeat"]


def chunk(value: Any) -> bytes:
    return base64.b64decode(value["base64"]) if "base64" in value else text(value).encode()


def sse_event(value: dict[str, Any]) -> SseEvent:
    return SseEvent(value["type"], text(value["data"]), value["lastEventId"])


@cases("sse.json")
@pytest.mark.parametrize("size", [0, 1, 7])
def test_sse(case: dict[str, Any], size: int) -> None:
    chunks: Iterable[bytes] = [chunk(value) for value in case["chunks"]]
    if size:
        whole = b"".join(chunks)
        chunks = (whole[at : at + size] for at in range(0, len(whole), size))
    retries: list[int] = []
    parser = SseParser(on_retry=retries.append)
    if "error" in case:
        with pytest.raises(SseError, match=case["error"]):
            for part in chunks:
                parser.feed(part)
        return
    events = [event for part in chunks for event in parser.feed(part)]
    assert events == [sse_event(value) for value in case["events"]]
    assert retries == case["retries"]
    assert parser.comments == case["comments"]
    assert parser.last_event_id == case["lastEventId"]


def expected(decoded: dict[str, Any]) -> object:
    ((name, fields),) = decoded.items()
    if name == "operation":
        parents = tuple(fields["parents"])
        return Operation(
            fields["kind"], fields["type"], fields["id"], parents, fields["timestamp"], fields["ref"], fields["eventId"]
        )
    if name == "unknown":
        return None
    return {"reset": Reset, "live": Live, "progress": Progress}[name](
        fields["eventId"], *([fields["reason"]] if "reason" in fields else [])
    )


@cases("events.json")
def test_events(case: dict[str, Any]) -> None:
    event = sse_event(case["event"])
    if "error" in case:
        with pytest.raises(ValueError, match=case["error"]):
            decode(event)
    else:
        assert decode(event) == expected(case["is"])


@cases("requests.json")
def test_requests(case: dict[str, Any]) -> None:
    follow = case["follow"]
    request = StreamRequest.of("localhost:8042", follow.get("types", ()), follow.get("parents", ()))
    headers = request.headers(last_event_id(follow.get("from", "now")))
    assert request.query == case["query"]
    assert headers.get("Last-Event-ID") == case.get("lastEventId")


class Headers(dict[str, str]):
    """Names in any case, as httpx has them."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in values.items()})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


@cases("answers.json")
def test_answers(case: dict[str, Any]) -> None:
    endpoint = Endpoint("localhost:8042", "secret" if case.get("password") else None)
    headers = Headers(case["headers"])
    try:
        require_passable(endpoint, case["status"], headers)
        if case["status"] != 200:
            raise refusal(endpoint, endpoint.password, case["status"], headers, b"")
        require_stream(endpoint, headers)
    except AgainError as e:
        assert case["is"] == "again"
        assert e.after == case["after"]
    except RefusedError as e:
        assert e.reason.value == case["is"]
        assert e.status == case["status"]
    else:
        assert case["is"] == "stream"


@cases("checkpoints.json")
def test_checkpoints(case: dict[str, Any]) -> None:
    acknowledgements = Acknowledgements()
    numbers: dict[tuple[str, str | None], int] = {}
    for step in case["steps"]:
        if "event" in step:
            numbers[step["event"], step.get("kind")] = acknowledgements.hand_out()
        elif "progress" in step:
            acknowledgements.progress(step["progress"])
        else:
            number = numbers[step["acknowledge"], step.get("kind")]
            acknowledgements.acknowledge(number, step["acknowledge"])
        assert acknowledgements.checkpoint == step["checkpoint"]
