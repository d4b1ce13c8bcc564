"""Servers under measurement: start, watch, stop. Every one is stopped when the run ends, however it ends."""

import http.client
import json
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

from .place import SSELOAD, free_port

_running: list["Server"] = []


class Server:
    """A process that listens on a port of its own. Use as a context: it is gone at the end."""

    def __init__(self, command: str, data: Path, env: dict[str, str] | None = None, prefix: tuple[str, ...] = ()):
        """`command` is a template of {port} and {data}; `prefix` comes before it, to trace it."""
        self.port = free_port()
        self.data = data
        arguments = [part.format(port=self.port, data=data) for part in shlex.split(command)]
        self._log = open(data.with_suffix(".out"), "ab")
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [*prefix, *arguments],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            env={**os.environ, **(env or {})}, start_new_session=True,
        )  # fmt: skip
        _running.append(self)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process that does the work: the last child where a launcher or a tracer stands before it."""
        pid = self._process.pid
        while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            pid = int(children[0])
        return pid

    def java(self, limit: float = 30) -> str:
        """The Java that runs it, which its launcher has chosen."""
        give_up = time.monotonic() + limit
        while time.monotonic() < give_up:
            if (program := os.readlink(f"/proc/{self.pid}/exe")).endswith("/java"):
                return program
            time.sleep(0.01)
        raise RuntimeError(f"no Java was started: {self.output()}")

    def get(self, path: str, timeout: float = 5) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, body: str) -> str:
        """Publishes one operation; the id it was given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/ops", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 204:
                raise RuntimeError(f"POST /ops answered {answer.status}")
            return answer.headers["Oplog-Event-Id"]
        finally:
            connection.close()

    def status(self) -> dict:
        return json.loads(self.get("/status")[1])

    def await_ready(self, limit: float = 60) -> float:
        """Waits until /readyz says 200; seconds since the process was started."""
        while time.monotonic() - self.started < limit:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}: {self.output()}")
            try:
                if self.get("/readyz", 1)[0] == 200:
                    return time.monotonic() - self.started
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.002)
        raise RuntimeError(f"not ready after {limit} s: {self.output()}")

    def await_folded(self, limit: float = 120) -> float:
        """Waits until the states have reached the head of the log; the monotonic time at which they had."""
        give_up = time.monotonic() + limit
        while time.monotonic() < give_up:
            status = self.status()
            if status["folded"] >= status["head"] and status["queue_size"] == 0:
                return time.monotonic()
            time.sleep(0.01)
        raise RuntimeError(f"the states did not reach the head within {limit} s: {self.status()}")

    def memory_kb(self, key: str = "VmRSS") -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        raise RuntimeError(f"no {key} of process {self.pid}")

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def cpu_seconds(self) -> float:
        """Processor time of all threads so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget_peak_memory(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def collect_garbage(self) -> None:
        jcmd = Path(os.readlink(f"/proc/{self.pid}/exe")).with_name("jcmd")
        subprocess.run([jcmd, str(self.pid), "GC.run"], check=True, stdout=subprocess.DEVNULL, timeout=60)

    def output(self) -> str:
        return self.data.with_suffix(".out").read_text(errors="replace")[-2000:]

    def stop(self, how: signal.Signals = signal.SIGTERM, limit: float = 30) -> None:
        """Stops the process, and kills it where it does not stop."""
        if self not in _running:
            return
        _running.remove(self)
        try:
            os.kill(self.pid, how)
            self._process.wait(limit)
        except (OSError, subprocess.TimeoutExpired):
            pass
        finally:
            _kill_group(self._process)
            self._log.close()


def _kill_group(process: subprocess.Popen) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def stop_all() -> None:
    for server in list(_running):
        server.stop(signal.SIGKILL)


def bare(data: Path, coalesce: bool = False, durable: bool = False, prefix: tuple[str, ...] = ()) -> Server:
    """The physical limit: sseload's own server, which relays bytes and does nothing else."""
    flags = (" -c" if coalesce else "") + (" -f {data}/bare.log" if durable else "")
    server = Server(f"{SSELOAD} serve -p {{port}}{flags}", data, prefix=prefix)
    server.await_ready()
    return server
