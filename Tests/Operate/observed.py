"""A worker with an admin address, and what it says there."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import subprocess
import tempfile
import urllib.parse
import urllib.request
from typing import Any

from programs import TOP, free_port, is_listening, wait_until
from workbench import Workbench

SAMPLE = re.compile(r"^(\w+?)(?:\{(.*)\})? (\S+)$")
PROMETHEUS = TOP / "deploy/prometheus"
RULES = PROMETHEUS / "dashboard-state.rules.yml"
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {upstream}
    server {{
        listen 127.0.0.1:{port};
        {server}
    }}
}}
"""


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

    def run_nginx(self, server: str, upstream: str = "") -> int:
        """An nginx of one process with this server in it, which may say {folder}. Returns its port."""
        port = free_port()
        user = "user root;" if self.is_root else ""
        text = user + NGINX.format(folder=self.folder, port=port, upstream=upstream, server=server)
        (self.folder / "nginx.conf").write_text(text.replace("{folder}", str(self.folder)))
        self.start("nginx", "nginx", "-c", self.folder / "nginx.conf", "-p", self.folder, "-e", self.folder / "error.log")
        self.await_start("nginx", lambda: is_listening(port))
        return port

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


class Prometheus:
    """A real one, which scrapes the workers at these ports as the shipped configuration says, but each second."""

    def __init__(self, bench: Workbench, *admin_ports: int) -> None:
        lines = (PROMETHEUS / "prometheus.yml").read_text().replace("15s", "1s").splitlines()
        shipped = next(line for line in lines if "127.0.0.1:9461" in line)
        text = "\n".join(line for line in lines if "127.0.0.1:946" not in line)
        text += "".join("\n" + shipped.replace("9461", str(port)) for port in admin_ports)
        (bench.folder / RULES.name).write_text(RULES.read_text())
        configuration = bench.folder / "prometheus.yml"
        configuration.write_text(text)
        self.port = free_port()
        bench.start(
            "prometheus", "prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={bench.folder}/tsdb",
            f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
        )  # fmt: skip
        bench.await_start("prometheus", self._is_ready)
        up = 'up{job="dashboard-state"} == 1'
        wait_until(lambda: len(self.query(up)) == len(admin_ports), "workers that are up")

    def _is_ready(self) -> bool:
        try:
            return self.ask("/-/ready")[0] == 200
        except OSError:
            return False

    def ask(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.status, response.read()

    def query(self, expression: str) -> list[Any]:
        _, body = self.ask("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        return json.loads(body)["data"]["result"]


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
