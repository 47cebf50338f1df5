"""The configurations of deploy/redis, as they are: servers, users, certificates, and what to type for the workers."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from cases import LARGE
from programs import TOP, WORKER, wait_until
from topologies import free_port_with_bus
from workbench import Workbench

EXAMPLES = TOP / "deploy/redis"
PASSWORDS = {"redis-password": "change-me-dashboard", "sentinel-password": "change-me-sentinels"}


class Example(unittest.TestCase):
    """Servers on addresses of their own, 127.0.x.11 and so on, and one port for all of them."""

    def setUp(self) -> None:
        self.bench = Workbench("example")
        self.addCleanup(self.bench.stop)
        self.network = f"127.0.{random.randint(2, 250)}"
        self.ports = (free_port_with_bus(), free_port_with_bus())

    def rendered(self, name: str, number: int) -> str:
        command = [TOP / "deploy/render-redis", EXAMPLES / name, self.bench.folder, self.network, number, *self.ports]
        return subprocess.run(list(map(str, command)), capture_output=True, check=True, text=True, timeout=60).stdout

    def prepare(self, servers: int) -> None:
        """Folders and certificates as the script says."""
        addresses = [self.address(number) for number in range(1, servers + 1)]
        made = self.bench.folder / "tls"
        subprocess.run([EXAMPLES / "make-certificates", made, *addresses], check=True, timeout=120)
        for number, address in enumerate(addresses, 1):
            tls = self.bench.folder / str(number) / "tls"
            tls.mkdir(parents=True)
            self.copy(made, tls, {"ca.pem": "ca.pem", f"{address}.pem": "server.pem", f"{address}.key": "server.key"})
            (tls.parent / "users.acl").write_text(self.rendered("users.acl", number))
        workers = self.bench.folder / "workers"
        workers.mkdir()
        self.copy(made, workers, {f"{name}.pem": f"redis-{name}.pem" for name in ("ca", "client")})
        self.copy(made, workers, {"client.key": "redis-client.key"})
        for name, password in PASSWORDS.items():
            (workers / name).write_text(password + "\n")

    def copy(self, source: Path, target: Path, names: dict[str, str]) -> None:
        for name, copy in names.items():
            shutil.copy(source / name, target / copy)

    def address(self, number: int) -> str:
        return f"{self.network}.{10 + number}"

    def run_server(self, name: str, number: int, *words: str) -> None:
        file = self.bench.folder / str(number) / name
        file.write_text(self.rendered(name, number))
        title = f"{file.stem}-{number}"
        self.bench.start(title, "redis-server", file, *words)
        port = self.ports[1] if "--sentinel" in words else self.ports[0]
        self.bench.await_start(title, lambda: "NOAUTH" in self.cli(number, port, "PING", password=""))

    def cli(self, number: int, port: int, *words: str, password: str = "change-me-admin", user: str = "admin") -> str:
        tls = self.bench.folder / str(number) / "tls"
        command = [
            "redis-cli", "-h", self.address(number), "-p", port, "--tls", "--cacert", tls / "ca.pem",
            "--cert", tls / "server.pem", "--key", tls / "server.key", *(["--user", user] if password else []), *words,
        ]  # fmt: skip
        environment = {"PATH": os.environ["PATH"]} | ({"REDISCLI_AUTH": password} if password else {})
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, env=environment)
        return done.stdout + done.stderr

    def ask(self, number: int, *words: str) -> str:
        return self.cli(number, self.ports[0], *words)

    def serve(self, name: str) -> None:
        """A worker with the settings in the comment on top."""
        settings = dict(re.findall(r"^#   ([A-Z_]+)=(\S+)$", self.rendered(name, 1), re.MULTILINE))
        command = [WORKER, "--check=redis", "--listen", f"unix:{self.bench.folder}/checked.sock"]
        done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)
        # What each server does, with nothing wrong and nothing that cannot be told.
        for line in done.stdout.splitlines():
            self.assertRegex(line, r"^note \S+: (master, \d replicas|replica), \d+ of \d+ bytes in use$")
        self.bench.serve("--threads", "1", url=settings.pop("REDIS_URL"), environment=settings)
        self.bench.await_answer(404)

    def expect_nothing_denied(self, *numbers: int) -> None:
        """Neither the workers nor replicas, sentinels and nodes have wanted what their users may not."""
        for number in numbers:
            self.assertEqual(self.ask(number, "ACL", "LOG").strip(), "", f"server {number}")

    def use(self) -> None:
        """States small and large, of users all over the slots."""
        for number in range(12):
            for version, state in ((1, {"a": number}), (2, {"a": LARGE})):
                saved = self.bench.post(version, state, user=f"u{number}")
                self.assertEqual((saved.status, saved.problem), (200, ""), self.bench.log("worker"))
                self.assertEqual(self.bench.ask("GET", user=f"u{number}").json["state"], state)
            self.assertEqual(self.bench.ask("DELETE", user=f"u{number}").json, {"success": True})
        self.assertEqual(self.bench.readiness(), "ready")
        self.assertEqual(self.bench.log_lines("warning"), [])
        self.assertEqual(self.bench.log_lines("Redis refuse"), [])


class Single(Example):
    def test_single(self) -> None:
        self.prepare(1)
        self.run_server("single.conf", 1)
        self.serve("single.conf")
        self.use()
        self.expect_nothing_denied(1)
        # What was saved is on disk.
        self.bench.post(1, {"a": 1})
        self.bench.kill("single-1")
        self.run_server("single.conf", 1)
        self.bench.await_answer(200)
        # The user is kept to its keys and its commands.
        for words in (("GET", "other"), ("FLUSHALL",), ("KEYS", "*")):
            told = self.cli(1, self.ports[0], *words, user="dashboard", password="change-me-dashboard")
            self.assertIn("NOPERM", told)


class Sentinel(Example):
    seconds = 20

    def test_three_with_sentinels(self) -> None:
        self.prepare(3)
        for number in (1, 2, 3):
            self.run_server("replicated.conf", number)
        # They count as connected before they have anything.
        wait_until(lambda: self.ask(1, "INFO", "replication").count("state=online") == 2, "two replicas")
        for number in (1, 2, 3):
            self.run_server("sentinel.conf", number, "--sentinel")

        def sentinel(*words: str) -> str:
            return self.cli(1, self.ports[1], "SENTINEL", *words, user="default", password="change-me-sentinels")

        wait_until(lambda: "OK 3 usable Sentinels" in sentinel("CKQUORUM", "dashboards"), "three sentinels")
        self.serve("replicated.conf")
        self.use()
        self.bench.post(1, {"a": 1})
        wait_until(lambda: "OK" in sentinel("FAILOVER", "dashboards"), "a failover that begins")
        wait_until(lambda: self.address(1) not in sentinel("GET-MASTER-ADDR-BY-NAME", "dashboards"), "a failover", 60)
        self.bench.await_answer(200)
        wait_until(lambda: self.bench.post(2, {"a": 2}).status == 200, "a save at the new master")
        online = lambda number: self.ask(number, "INFO", "replication").count("state=online")
        wait_until(lambda: any(online(number) == 2 for number in (1, 2, 3)), "replicas of the new master", 60)
        self.expect_nothing_denied(1, 2, 3)


class Cluster(Example):
    seconds = 20

    def test_six_in_a_cluster(self) -> None:
        self.prepare(6)
        for number in range(1, 7):
            self.run_server("cluster.conf", number)
        text = self.rendered("cluster.conf", 1)
        typed = "\n".join(re.findall(r"^#   ((?:export|redis-cli) .*)$", text, re.MULTILINE))
        done = subprocess.run(["sh", "-ec", typed], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("All 16384 slots covered", done.stdout)

        def has_replicas() -> bool:
            states = [self.ask(number, "CLUSTER", "INFO") for number in range(1, 7)]
            followed = [self.ask(number, "INFO", "replication") for number in (1, 2, 3)]
            return all("cluster_state:ok" in state for state in states) and all("state=online" in text for text in followed)

        wait_until(has_replicas, "a replica for each master", 60)
        self.serve("cluster.conf")
        self.use()
        self.expect_nothing_denied(*range(1, 7))


class Rights(unittest.TestCase):
    def test_they_are_those_of_the_documentation(self) -> None:
        text = (TOP / "docs/redis.md").read_text()
        documented = {
            right for words in re.findall(r"ACL SETUSER dashboard (?:[^\n]*\\\n)*[^\n]*", text)
            for right in re.findall(r"\+([a-z|]+)", words)
        }  # fmt: skip
        [line] = [line for line in (EXAMPLES / "users.acl").read_text().splitlines() if line.startswith("user dashboard ")]
        self.assertLessEqual(documented, set(re.findall(r"\+([a-z|]+)", line)))
