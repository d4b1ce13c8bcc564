"""What the README and the example show is what happens."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers import Listener, Oplog, Scripted, answer, await_

FOLDER = Path(__file__).parents[1]
BLOCKS = re.findall(r"```python\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.DOTALL)


SHOWN = [
    r"Reset\(.*Operation\(kind='insert', type='video', id='x1', parents=\('user/u1',\).*Live\(",
    r"handled Live\(",
    "live=True",
    r"Live\(",
    r"^[0-9a-f]{24}\n",
]


@pytest.mark.parametrize(("block", "shown"), list(zip(BLOCKS, SHOWN, strict=True)))
def test_what_the_readme_shows_runs_as_it_stands(block: str, shown: str, shared_oplog: Oplog, tmp_path: Path) -> None:
    shared_oplog.post({"event": "insert", "type": "video", "id": "x0"})
    out = tmp_path / "out"
    program = block.replace("http://localhost:8042", shared_oplog.url)
    with out.open("wb") as file:
        running = subprocess.Popen(
            [sys.executable, "-u", "-c", program],
            cwd=tmp_path,
            env={"PYTHONPATH": str(FOLDER / "src")},
            stdout=file,
            stderr=file,
        )
    try:
        await_(lambda: re.search(shown, out.read_text(), re.DOTALL) or running.poll())
        assert not running.poll(), out.read_text()
    finally:
        running.kill()
        running.wait()
    assert "Traceback" not in out.read_text()


class Api(Scripted):
    """Gives each object that it has."""

    def __init__(self, objects: dict[str, Any]) -> None:
        self.objects = objects
        super().__init__(self._answer)

    def _answer(self, connection: Any) -> None:
        path = self.heads[-1].split(" ")[1]
        found = self.objects.get(path)
        body = json.dumps(found).encode()
        connection.sendall(answer(404) if found is None else answer(200, body=body))


def test_the_mirror_in_sqlite_goes_on_where_it_was_killed(
    oplog: Oplog, tmp_path: Path, stopping: Callable[[Listener], None]
) -> None:
    objects: dict[str, Any] = {}
    path = tmp_path / "copy.db"

    def change(count: int, version: int) -> None:
        operations = []
        for number in range(count):
            objects[f"/video/x{number}"] = {"version": version}
            operations.append({"event": "update", "type": "video", "id": f"x{number}"})
        oplog.post(*operations)

    def rows() -> dict[str, Any]:
        try:
            with sqlite3.connect(path) as database:
                found = database.execute("SELECT type, id, body FROM object").fetchall()
        except sqlite3.OperationalError:
            return {}
        return {f"/{type_}/{id_}": json.loads(body) for type_, id_, body in found}

    change(300, 1)
    api = Api(objects)
    stopping(api)
    command = [sys.executable, str(FOLDER / "examples" / "sqlite_mirror.py"), oplog.url, api.url, str(path)]
    for version in (2, 3):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"PYTHONPATH": str(FOLDER / "src")})
        try:
            await_(rows)
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait()
        change(250, version)
        del objects[f"/video/x{version}"]
        oplog.post({"event": "delete", "type": "video", "id": f"x{version}"})
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"PYTHONPATH": str(FOLDER / "src")})
    try:
        await_(lambda: rows() == objects)
    finally:
        running.kill()
        running.wait()
