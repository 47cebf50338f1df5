"""A worker with an admin address, and what it says there."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import subprocess
import tempfile
from typing import Any

from programs import free_port, is_listening, wait_until
from workbench import Workbench

SAMPLE = re.compile(r"^(\w+?)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Page:
    """A page of metrics."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        for line in text.splitlines():
            if match := SAMPLE.match(line):
                self.samples[match[1], frozenset(LABEL.findall(match[2] or ""))] = float(match[3])

    def __call__(self, name: str, **labels: str) -> float:
        """The sum of the samples that have these labels; 0 where there are none."""
        wanted = set(labels.items())
        full = f"dashboard_state_{name}"
        return sum(value for (known, have), value in self.samples.items() if known == full and wanted <= have)

    def names(self) -> set[str]:
        return {name for name, _ in self.samples}


class Observed(Workbench):
    """A Redis, a worker with an admin address, and words for both."""

    def __init__(self, *options: object, starts_redis: bool = True) -> None:
        super().__init__("operate")
        self.port = free_port()
        self.options = options
        if starts_redis:
            self.run_redis(self.socket("redis"))
        self.serve_observed()

    def serve_observed(self) -> None:
        self.serve("--threads", "2", "--admin", f"tcp:127.0.0.1:{self.port}", *self.options)
        wait_until(lambda: is_listening(self.port), "the admin address")

    def get(
        self, path: str, method: str = "GET", timeout: float = 30, **fields: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, headers=fields)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def metrics(self) -> Page:
        return Page(self.get("/metrics")[2])

    def ready(self) -> tuple[int, Any]:
        status, _, body = self.get("/readyz")
        return status, json.loads(body)

    def await_ready(self, status: str = "ready") -> Any:
        said = {}

        def is_so() -> bool:
            # A loop that ends takes its connections with it.
            with contextlib.suppress(ConnectionError):
                said.update(self.ready()[1])
            return said.get("status") == status

        wait_until(is_so, f"readiness {status}")
        return said

    def await_metric(self, name: str, value: float, **labels: str) -> None:
        wait_until(lambda: self.metrics()(name, **labels) == value, f"{name}{labels} = {value}")


def promtool(*arguments: object, text: str = "") -> str:
    """What promtool says, which is an error unless it is content."""
    with tempfile.TemporaryFile("w+") as source:
        source.write(text)
        source.seek(0)
        command = ["promtool", *(str(part) for part in arguments)]
        result = subprocess.run(command, stdin=source, capture_output=True, text=True, timeout=60)
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{command}: {result.stdout}{result.stderr}")
    return result.stdout
