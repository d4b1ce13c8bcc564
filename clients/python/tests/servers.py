"""What the tests run beside the client: the real server, a proxy that harms connections, and scripted answers."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
State = dict[tuple[str, str], tuple[str, ...]]


def await_(condition: Callable[[], Any], seconds: float = 30.0, what: str = "") -> Any:
    """Waits for a condition to hold, and gives its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"did not happen within {seconds} s: {what or condition}"
        time.sleep(0.01)
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Oplog:
    """The real server, on a port that it keeps over restarts."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [str(ROOT / "oplog"), "serve", "--listen", f"127.0.0.1:{self.port}", "--data", str(self._data)]
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen([*command, *self._flags], stdout=log, stderr=log)
        await_(self._is_ready, 60, "the server is ready")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _is_ready(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def wipe(self) -> None:
        """Another log takes its place."""
        self.kill()
        shutil.rmtree(self._data)
        self.start()

    def post(self, *operations: dict[str, Any]) -> str:
        """Stores operations; gives the last one's id."""
        return self.post_lines([json.dumps(operation) for operation in operations])

    def post_lines(self, lines: list[str]) -> str:
        request = urllib.request.Request(
            self.url + "/ops", "\n".join(lines).encode(), {"Content-Type": "application/x-ndjson"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.headers["Oplog-Event-Id"])

    def states(self) -> State:
        """Each object that exists and its parents, by a replication that no client of ours takes part in."""
        states: State = {}
        for kind, data in self._raw_replication():
            if kind == "delete":
                states.pop((data["type"], data["id"]), None)
            else:
                states[data["type"], data["id"]] = tuple(data["parents"])
        return states

    def _raw_replication(self) -> Iterator[tuple[str, dict[str, Any]]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/ops", headers={"Last-Event-ID": "0"})
        with contextlib.closing(connection), connection.getresponse() as answer:
            kind = ""
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind in ("insert", "update", "delete"):
                    yield kind, json.loads(value)
                if kind == "live":
                    return

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self.kill()


class Listener:
    """Takes connections, each in a thread of its own."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._stopped = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._stopped:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_quietly, args=(connection,), daemon=True).start()

    def _serve_quietly(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self.serve(connection)

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self._stopped = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class HarmfulProxy(Listener):
    """Passes connections on to a port; cuts, delays, splits and garbles what comes back, by a seed."""

    def __init__(self, port: int, seed: int, most_bytes: int = 60_000, garbles: float = 0) -> None:
        self._to = port
        self._random = random.Random(seed)
        self._most = most_bytes
        self._garbles = garbles
        self.cuts = 0
        self.harmless = False
        super().__init__()

    def serve(self, connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._to), timeout=60) as server:
            threading.Thread(target=self._pass_on, args=(connection, server), daemon=True).start()
            try:
                self._harm(server, connection)
            finally:  # closing alone would not wake the other thread, nor tell the client
                for end in (server, connection):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _harm(self, source: socket.socket, target: socket.socket) -> None:
        left = self._random.randrange(1, self._most)
        while data := source.recv(self._random.choice((1, 17, 1000, 65536))):
            if not self.harmless:
                if self._random.random() < 0.02:
                    time.sleep(self._random.random() / 50)
                left -= len(data)
                if left <= 0:
                    self.cuts += 1
                    target.sendall(data[: self._random.randrange(len(data))])
                    return
                data = self._garbled(data)
            target.sendall(data)

    def _garbled(self, data: bytes) -> bytes:
        """A few of its bytes are others; more often those at the start, where an answer's head is."""
        if self._random.random() >= self._garbles:
            return data
        garbled = bytearray(data)
        for _ in range(self._random.randrange(1, 4)):
            within = self._random.choice((20, 300, len(data)))
            garbled[self._random.randrange(min(within, len(data)))] ^= self._random.choice((1, 2, 4, 16, 32, 128, 255))
        return bytes(garbled)


class Scripted(Listener):
    """Answers each request by the next of some answers, the last one for ever; keeps the requests."""

    def __init__(self, *answers: bytes | Callable[[socket.socket], None]) -> None:
        self._answers = list(answers)
        self._lock = threading.Lock()
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        super().__init__()

    def serve(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            part = connection.recv(65536)
            if not part:
                return
            request += part
        head, _, body = request.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        while len(body) < length:
            body += connection.recv(65536)
        with self._lock:
            self.heads.append(head.decode())
            self.bodies.append(body)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer(connection)
        else:
            connection.sendall(answer)


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def answer(status: int, headers: str = "", body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def event_id(number: int) -> str:
    return f"6920c0de0001{number:012x}"


def event(number: int, kind: str = "insert", type_: str = "video", id_: str | None = None) -> bytes:
    data = {"timestamp": "2014-11-06T11:04:39.041Z", "parents": [], "type": type_, "id": id_ or f"x{number}"}
    return f"id: {event_id(number)}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def control(number: int, kind: str) -> bytes:
    return f"id: {event_id(number)}\nevent: {kind}\ndata: {{}}\n\n".encode()


def hold(start: bytes, until: threading.Event) -> Callable[[socket.socket], None]:
    """Sends the start of an answer, and nothing more."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(start)
        until.wait(60)

    return serve


def seed() -> int:
    """Given by OPLOG_SEED, or new; what is printed is shown when a test fails."""
    value = int(os.environ.get("OPLOG_SEED", random.randrange(1 << 30)))
    print(f"OPLOG_SEED={value}")
    return value


class Producer:
    """Keeps storing operations on a few objects, whatever happens to the server."""

    def __init__(self, server: Oplog, numbers: random.Random, objects: int = 200) -> None:
        self._server = server
        self._random = numbers
        self._objects = objects
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.stored = 0
        self._thread.start()

    def operation(self) -> dict[str, Any]:
        kind = self._random.choice(("insert", "update", "update", "delete"))
        number = self._random.randrange(self._objects)
        parents = [f"user/u{self._random.randrange(5)}"]
        return {"event": kind, "type": "video", "id": f"x{number}", "parents": parents}

    def _run(self) -> None:
        while not self._stopped.is_set():
            batch = [self.operation() for _ in range(self._random.randrange(1, 20))]
            try:
                self._server.post(*batch)
                self.stored += len(batch)
            except (OSError, http.client.HTTPException):
                self._stopped.wait(0.05)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(60)
