"""A studio that is served by a process of its own, as a person starts it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Served:
    """Where it is, and the process."""

    port: int
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of an answer to exactly this path, whatever it holds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection._validate_path = lambda url: None  # type: ignore[attr-defined] # an attacker does not check it either
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return answer.status, text, {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def event(self, number: int, data: list[Any], session: str) -> dict[str, Any]:
        """What the studio says of an event that is written by hand."""
        body = {
            "data": data,
            "fn_index": number,
            "session_hash": session,
            "event_data": None,
            "trigger_id": None,
        }
        head = {"content-type": "application/json"}
        status, text, _ = self.ask("POST", "/gradio_api/queue/join", head, json.dumps(body).encode())
        assert status == 200, text
        _, text, _ = self.ask("GET", f"/gradio_api/queue/data?session_hash={session}")
        messages = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
        (completed,) = (message for message in messages if message["msg"] == "process_completed")
        return completed


@contextmanager
def served(folder: Path, runs: Sequence[Path], *words: str) -> Iterator[Served]:
    """``multigan studio`` in a folder, on a port that is free, until the block ends."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "multigan",
            "studio",
            *map(str, runs),
            "--port=0",
            "--no-browser",
            "--device=cpu",
            *words,
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
    )
    try:
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            if line.startswith("The studio is at"):
                break
        else:
            raise RuntimeError(f"the studio did not start: {told}")
        yield Served(int(told.rsplit("127.0.0.1:", 1)[1].split()[0]), process)
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
