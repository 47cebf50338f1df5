"""Each incident of docs/runbook.md, provoked: its metric and its line tell it, once, and its commands are of use."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import subprocess
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path

import runbook
from collector import Collector, answer
from observed import RULES, Observed, Prometheus
from programs import free_port, is_answering, wait_until
from workbench import document

# Runs what follows it with a file system of 4 MiB of its own in a folder, which nobody else sees.
ON_A_SMALL_DISK = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=4m none "$0" && exec "$@"')


def fill(filler: Path) -> None:
    """Takes what is left of a disk."""
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


class Incident(unittest.TestCase):
    """A worker in good order, and a Prometheus that scrapes it."""

    title = ""
    options: tuple[object, ...] = ()
    # Those who watch look at minutes; a test has seconds.
    window = "10s"

    def setUp(self) -> None:
        if not self.title:
            self.skipTest("no incident")
        self.entry = runbook.Entry(self.title)
        self.bench = self.made()
        self.addCleanup(self.bench.stop)
        self.bench.await_ready()
        self.prometheus = Prometheus(self.bench, self.bench.port)

    def made(self) -> Observed:
        return Observed(*self.options)

    def found(self) -> list[object]:
        return self.prometheus.query(re.sub(r"\[\d+m\]", f"[{self.window}]", self.entry.metric))

    def expect_quiet(self) -> None:
        # What is there has been scraped twice.
        count = "count_over_time(dashboard_state_loops[1m]) >= 2"
        wait_until(lambda: self.prometheus.query(count), "two scrapes")
        self.assertEqual(self.found(), [])

    def expect_metric(self) -> None:
        wait_until(self.found, f"the metric of '{self.title}'", 60)

    def expect_end(self) -> None:
        wait_until(lambda: not self.found(), "an end of it")

    def lines(self, pieces: list[str]) -> list[str]:
        return self.bench.log_lines(*pieces)

    def expect_line(self, times: int = 1) -> None:
        self.expect(self.entry.line, times)

    def expect(self, pieces: list[str], times: int = 1) -> None:
        found = self.bench.await_log_lines(times, *pieces)
        self.assertEqual(len(found), times, f"{pieces}: {found}\n{self.bench.log('worker', 50)}")

    def paste(self, number: int = 0) -> str:
        """Types a block in a shell whose redis-cli reaches this Redis."""
        client = f'redis-cli() {{ command redis-cli -s {self.bench.socket("redis")} "$@"; }}\n'
        typed = client + self.entry.commands(number)
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", typed], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, f"{typed}\n{done.stdout}{done.stderr}")
        return done.stdout

    def ask_often(self, ask: Callable[[], int], status: int, times: int = 20) -> None:
        for _ in range(times):
            self.assertEqual(ask(), status)

    def expect_told(self, *, saves: int, reads: int) -> None:
        """Asks so often that metric and line tell it, while both are answered like that."""
        self.ask_often(self.save, saves)
        self.ask_often(self.read, reads)
        self.expect_metric()
        self.expect_line()

    def save(self) -> int:
        """The status of a save that is like no other."""
        self.version = getattr(self, "version", 0) + 1
        return self.bench.post(self.version, {"a": self.version}).status

    def read(self) -> int:
        return self.bench.ask("GET").status


class RedisAway(Incident):
    title = "Redis is away"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.assertIn("PONG", self.paste())
        self.expect_quiet()
        # Whoever connects while it ends is hung up on, which is told as a reason of its own.
        self.bench.socket("redis").unlink()
        self.bench.kill("redis")
        self.bench.await_answer(503)
        self.expect_line()
        self.expect_told(saves=503, reads=503)
        told = len(self.lines(self.entry.over))
        self.bench.run_redis(self.bench.socket("redis"))
        self.bench.await_answer(404)
        self.bench.await_ready()
        self.expect(self.entry.over, told + 1)
        self.expect_end()


class RedisFull(Incident):
    title = "Redis is full"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()
        self.bench.redis("CONFIG", "SET", "maxmemory", "1")
        self.expect_told(saves=507, reads=200)
        self.assertEqual(len(self.paste().splitlines()), 5)
        self.ask_often(self.save, 200)
        self.expect(self.entry.over)
        self.assertEqual(self.lines(["warning"]) + self.lines(["error"]), self.lines(self.entry.line))


class OnASmallDisk(Observed):
    """Its Redis keeps a log of writes on a disk that is soon full."""

    def run_redis(self, path: Path, *options: object, **_: object) -> None:
        disk = self.folder / "disk"
        disk.mkdir()
        self.start(
            "redis", *ON_A_SMALL_DISK, disk, "redis-server", "--unixsocket", path, "--port", 0, "--dir", disk,
            "--save", "", "--appendonly", "yes", *options,
        )  # fmt: skip
        self.await_start("redis", lambda: is_answering(path))


class RedisDisk(Incident):
    title = "Redis cannot write to its disk"

    def made(self) -> Observed:
        if os.getuid() != 0:
            self.skipTest("only root can make a small disk")
        return OnASmallDisk()

    def filler(self) -> Path:
        return Path(f"/proc/{self.bench.process('redis')}/root{self.bench.folder}/disk/filler")

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()
        fill(self.filler())
        wait_until(lambda: self.save() == 503, "a save that is refused")
        self.expect_told(saves=503, reads=200)
        said = self.paste()
        self.assertIn("aof_last_write_status:err", said)
        self.filler().unlink()
        wait_until(lambda: self.save() == 200, "a save that is taken")
        self.expect(self.entry.over)
        self.assertIn("aof_last_write_status:ok", self.paste())

    def test_a_snapshot_that_fails_is_told_alike(self) -> None:
        self.bench.redis("CONFIG", "SET", "save", "3600 1")
        self.assertEqual(self.save(), 200)
        self.bench.redis("CONFIG", "SET", "appendonly", "no")
        fill(self.filler())
        # A snapshot of more than what is left of the disk's last page.
        self.bench.redis("SET", "other", "x" * 100_000)
        self.bench.redis("BGSAVE")
        wait_until(lambda: "rdb_last_bgsave_status:err" in self.paste(), "a snapshot that fails")
        self.ask_often(self.save, 503)
        self.expect_line()
        self.filler().unlink()
        self.paste(1)
        wait_until(lambda: self.save() == 200, "a save that is taken")
        self.expect(self.entry.over)

    def test_with_every_write_on_disk_redis_ends(self) -> None:
        self.bench.redis("CONFIG", "SET", "appendfsync", "always")
        self.assertEqual(self.save(), 200)
        fill(self.filler())

        def has_ended() -> bool:
            self.save()
            return not self.bench.is_running("redis")

        wait_until(has_ended, "the end of Redis")
        self.bench.await_answer(503)
        self.expect(runbook.Entry("Redis is away").line)


class SeveralAtOnce(RedisDisk):
    """Redis is full while it cannot write, and the front end and the sign-in are wrong too: each is told, as if alone."""

    others = ("Redis is full", "A front end sends bad bodies", "The sign-in forwards nobody", "Redis is away")

    def test_it_is_told(self) -> None:
        disk = self.entry
        full, bodies, nobody, away = (runbook.Entry(title) for title in self.others)
        self.assertEqual(self.save(), 200)
        for self.entry in (disk, full, bodies, nobody, away):
            self.expect_quiet()
        fill(self.filler())
        wait_until(lambda: self.save() == 503, "a save that is refused")
        self.bench.redis("CONFIG", "SET", "maxmemory", "1")
        for _ in range(20):
            self.assertEqual(self.save(), 503)
            self.assertEqual(self.bench.ask("POST", '{"version":1,"state":[]}').status, 400)
            self.assertEqual(self.bench.ask("GET", user="").status, 401)
            self.assertEqual(self.read(), 200)
        for self.entry in (disk, bodies, nobody):
            self.expect_metric()
            self.expect_line()
        # Behind the one is the other, and so it is not over.
        self.filler().unlink()
        wait_until(lambda: self.save() == 507, "a save that there is no room for")
        self.entry = full
        self.expect_metric()
        self.expect_line()
        self.assertEqual(self.lines(disk.over), [])
        self.paste()
        self.ask_often(self.save, 200)
        self.expect(disk.over)
        # Whoever was told of all that is told of the next one.
        self.entry = away
        self.bench.kill("redis")
        self.bench.await_answer(503)
        self.expect_line()
        self.expect_metric()

    # Once is enough, above.
    test_a_snapshot_that_fails_is_told_alike = test_with_every_write_on_disk_redis_ends = None


class RedisDemoted(Incident):
    title = "Redis was demoted"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()
        self.bench.redis("REPLICAOF", "127.0.0.1", "1")
        self.bench.await_answer(503)
        self.expect_told(saves=503, reads=503)
        self.assertEqual(self.paste().splitlines()[:3], ["slave", "127.0.0.1", "1"])
        told = len(self.lines(self.entry.over))
        self.paste(1)
        # Each loop finds out by itself.
        wait_until(lambda: self.save() == 200, "a save")
        self.expect(self.entry.over, told + 1)


class Flood(Incident):
    title = "One user floods"

    def ask_as(self, users: Callable[[int], str], times: int = 400) -> None:
        with self.bench.connect() as connection:
            for number in range(times):
                connection.ask("GET", user=users(number))

    def test_it_is_told(self) -> None:
        self.ask_as(lambda number: f"user-{number % 40}")
        self.expect_quiet()
        self.ask_as(lambda number: "flooding" if number % 10 else f"user-{number}", times=4000)
        self.expect_metric()

        def is_told() -> list[str]:
            # A hundred in a second or so.
            self.ask_as(lambda _: "flooding", times=5)
            time.sleep(0.05)
            return self.lines(self.entry.line)

        wait_until(is_told, "the line", 60)
        for _ in range(100):
            is_told()
        self.expect_line()
        self.assertNotIn("flooding", self.bench.log("worker", 100_000))
        # The same hash is in the lines of its requests.
        user = re.search(r"user=(\w+)", self.lines(self.entry.line)[0])
        assert user is not None
        self.assertGreater(len(self.lines([" request ", user[0]])), 100)


class LogDisk(Incident):
    """Standard error on a disk that is full."""

    title = "The log cannot be written"

    def made(self) -> Observed:
        if os.getuid() != 0:
            self.skipTest("only root can make a small disk")
        bench = Observed()
        bench.end("worker")
        self.disk = bench.folder / "disk"
        self.disk.mkdir()
        self.arguments = ("--threads", "2", "--admin", f"tcp:127.0.0.1:{bench.port}")
        redirected = (*ON_A_SMALL_DISK[:4], ON_A_SMALL_DISK[4].replace('"$@"', '"$@" 2>>"$0/log"'), str(self.disk))
        bench.serve(*self.arguments, ahead=redirected)
        return bench

    def place(self) -> Path:
        return Path(f"/proc/{self.bench.process('worker')}/root{self.disk}")

    def lines(self, pieces: list[str]) -> list[str]:
        lines = (self.place() / "log").read_text().splitlines()
        return [line for line in lines if all(piece in line for piece in pieces)]

    def test_it_is_told(self) -> None:
        self.ask_often(self.save, 200)
        self.assertIn("Filesystem", self.paste())
        self.expect_quiet()
        filler = self.place() / "filler"
        fill(filler)
        # A page of the file may still have room.
        self.ask_often(self.read, 200, times=100)
        self.expect_metric()
        self.assertEqual(self.lines(self.entry.line), [])
        filler.unlink()
        self.ask_often(self.read, 200)
        wait_until(lambda: self.lines(self.entry.line), "the line")
        [line] = self.lines(self.entry.line)
        lost = self.bench.metrics()("log_lines_lost_total")
        self.assertIn(f"{lost:.0f}", line)
        # And nothing more is lost.
        self.ask_often(self.read, 200)
        self.assertEqual(self.bench.metrics()("log_lines_lost_total"), lost)

    def test_what_is_always_full_costs_nothing_but_lines(self) -> None:
        self.bench.end("worker")
        self.bench.serve(*self.arguments, ahead=("sh", "-c", 'exec "$@" 2>/dev/full', "sh"))
        self.bench.await_ready()
        self.ask_often(self.save, 200, times=100)
        self.expect_metric()
        self.assertEqual(self.bench.ready()[0], 200)


class WrongSetting(Incident):
    title = "A setting is wrong"

    def test_it_is_told(self) -> None:
        self.expect_quiet()
        self.bench.end("worker")
        told = len(self.lines(self.entry.over))
        command = [self.bench.worker, "--listen", f"unix:{self.bench.socket('worker')}"]
        wrong = {"DASHBOARD_STATE_THREADS": "none"}
        done = subprocess.run(command, env=wrong, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 78)
        [line] = done.stderr.splitlines()
        checked = subprocess.run([*command, "--check"], env=wrong, capture_output=True, text=True, timeout=60)
        self.assertEqual(checked.returncode, 78)
        for text in (line, checked.stdout):
            for piece in self.entry.line:
                self.assertIn(piece, text)
        self.expect_metric()
        self.bench.serve_observed()
        self.expect(self.entry.over, told + 1)
        self.expect_end()


class BadBodies(Incident):
    title = "A front end sends bad bodies"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()
        self.ask_often(lambda: self.bench.ask("POST", '{"version":1,"state":[]}').status, 400)
        self.expect_metric()
        self.assertEqual([found["metric"] for found in self.found()], [{"reason": "invalid-body"}])
        self.expect_line()
        self.assertIn("field=state", self.lines(self.entry.line)[0])

    def test_each_kind_of_them(self) -> None:
        self.expect_quiet()
        for body, more in (
            (document(1, {}, checksum="0" * 64), {}), ("x" * 2_000_000, {}), ("{}", {"content_encoding": "gzip"}),
        ):  # fmt: skip
            self.bench.ask("POST", body, **more)
        wait_until(lambda: len(self.found()) == 3, "all of them")
        reasons = {found["metric"]["reason"] for found in self.found()}
        self.assertEqual(reasons, {"checksum-mismatch", "body-too-large", "encoded-body"})


class NobodyForwarded(Incident):
    title = "The sign-in forwards nobody"

    def test_it_is_told(self) -> None:
        self.expect_quiet()
        self.ask_often(lambda: self.bench.ask("GET", user="").status, 401)
        self.expect_metric()
        self.assertEqual([found["metric"] for found in self.found()], [{"reason": "no-user"}])
        self.expect_line()


class SignInAway(Incident):
    """nginx as in the example, and a sign-in that goes away: the workers hear nothing of it."""

    title = "The sign-in is away"

    def test_it_is_told(self) -> None:
        bench, port = self.bench, free_port()
        # Where the example has it.
        bench.end("worker")
        bench.serve("--admin", f"tcp:127.0.0.1:{bench.port}", *bench.worker_group, name="worker-1")
        sign_in = {"sign-in.conf": "deploy/sample-sign-in.nginx.conf"}
        self.nginx(port, sign_in)
        self.assertEqual(self.ask(port), 404)
        wait_until(lambda: self.is_served(port) and not self.found(), "requests")
        self.nginx(port, {})
        self.ask_often(lambda: self.ask(port), 503)
        self.expect_metric()
        told = [line for line in (bench.folder / "error.log").read_text().splitlines() if self.entry.line[0] in line]
        # Where the same log is asked for who floods.
        busiest = runbook.Entry("One user floods").commands().replace("/var/log/nginx", str(bench.folder))
        done = subprocess.run(["bash", "-ec", busiest], capture_output=True, check=True, text=True, timeout=60)
        self.assertRegex(done.stdout, r"^ +\d+ 127\.0\.0\.1\n$")
        self.assertIn("connect()", told[0])
        self.nginx(port, sign_in)
        wait_until(lambda: self.is_served(port) and not self.found(), "an end of it")

    def nginx(self, port: int, more: dict[str, str]) -> None:
        self.bench.end("nginx")
        if not more:
            (self.bench.folder / "sign-in.conf").write_text("")
        (self.bench.folder / "nginx.pid").unlink(missing_ok=True)
        (self.bench.folder / "sign-in.sock").unlink(missing_ok=True)
        self.bench.run_nginx_example(port, more=more)
        wait_until(lambda: self.is_there(port), "nginx")

    def is_served(self, port: int) -> bool:
        # More than fifty a second are refused.
        time.sleep(0.1)
        return self.ask(port) == 404

    def is_there(self, port: int) -> bool:
        try:
            return self.ask(port) > 0
        except OSError:
            return False

    def ask(self, port: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/api/dashboard/state", headers={"Authorization": "Basic YWxpY2U6d29uZGVybGFuZA=="})
            return connection.getresponse().status
        finally:
            connection.close()


class Hanging(Incident):
    title = "A worker hangs"

    def test_it_is_told(self) -> None:
        self.expect_quiet()
        self.bench.signal("worker", signal.SIGSTOP)
        self.expect_metric()
        with self.assertRaises(TimeoutError):
            self.bench.get("/healthz", timeout=1)
        self.bench.signal("worker", signal.SIGCONT)
        self.expect_end()


class Slow(Incident):
    title = "It is slow"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()

        def is_told() -> bool:
            self.bench.redis("CLIENT", "PAUSE", 700, "ALL")
            self.assertEqual(self.read(), 200)
            return bool(self.found())

        wait_until(is_told, "the metric", 60)
        took = [int(found[1]) for line in self.lines(self.entry.line) if (found := re.search(r" redis_us=(\d+)", line))]
        self.assertGreater(max(took), 500_000)
        self.assertIn("rdb_bgsave_in_progress", self.paste())


class ReplicasMissing(Incident):
    title = "Replicas are missing"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()
        self.bench.redis("CONFIG", "SET", "min-replicas-to-write", "1")
        self.expect_told(saves=503, reads=200)
        said = self.paste()
        self.assertIn("connected_slaves:0", said)
        self.assertIn("min-replicas-to-write\n1", said)
        self.paste(1)
        self.ask_often(self.save, 200)
        self.expect(self.entry.over)


class Failing(Incident):
    title = "Requests fail"
    # However late a busy machine looks for the one failure.
    window = "5m"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()
        self.bench.redis("CONFIG", "SET", "maxmemory", "1")
        # The first of its kind counts, too: nothing else will fail.
        count = 1
        self.ask_often(self.save, 507, times=count)
        self.expect_metric()
        self.expect_line(count)
        typed = f'journalctl() {{ cat {self.bench.log_path("worker")}; }}\n{self.entry.commands(language="")}'
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", typed], capture_output=True, check=True, text=True, timeout=60)
        self.assertEqual(done.stdout.split(), [f"{count}", "outcome=failed", "problem=storage-full"])


class OutcomeUnknown(Incident):
    title = "Nobody knows what became of saves"

    def test_it_is_told(self) -> None:
        self.assertEqual(self.save(), 200)
        self.expect_quiet()
        self.bench.redis("CLIENT", "PAUSE", 60_000, "WRITE")
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(self.save()))
        thread.start()
        self.bench.await_metric("connections_busy", 1)
        self.bench.kill("redis")
        thread.join()
        self.assertEqual(answers, [503])
        self.assertEqual(len(self.bench.await_log_lines(1, "problem=outcome-unknown")), 1)
        self.expect_metric()
        self.assertTrue(self.lines(self.entry.line))
        told = len(self.lines(self.entry.over))
        self.bench.run_redis(self.bench.socket("redis"))
        self.bench.await_answer(404)
        self.expect(self.entry.over, told + 1)
        self.assertIn("role:master", self.paste())


class Restarting(Incident):
    title = "A worker ends again and again"

    def found(self) -> list[object]:
        return self.prometheus.query(self.entry.metric.replace("[15m]", "[2m]"))

    def test_it_is_told(self) -> None:
        self.expect_quiet()
        for _ in range(4):
            self.bench.end("worker")
            self.bench.serve_observed()
            begun = self.bench.metrics()("process_start_time_seconds")
            wait_until(lambda: self.prometheus.query(f"dashboard_state_process_start_time_seconds == {begun}"), "a scrape of it")
        self.expect_metric()
        self.assertTrue(self.lines(self.entry.line))


class WithFewDescriptors(Observed):
    def serve(self, *options: object, **_: object) -> None:
        super().serve(*options, ahead=("prlimit", "--nofile=256:256"))


class Descriptors(Incident):
    title = "Descriptors run out"

    def made(self) -> Observed:
        return WithFewDescriptors()

    def test_it_is_told(self) -> None:
        self.expect_quiet()
        connections = [self.enterContext(self.bench.connect()) for _ in range(150)]
        self.assertEqual(connections[-1].ask("GET").status, 404)
        self.assertEqual(self.lines(self.entry.line), [])
        self.assertEqual(self.found(), [])
        connections += [self.enterContext(self.bench.connect()) for _ in range(110)]
        self.expect_line()
        self.expect_metric()
        typed = self.entry.commands().replace("/run/dashboard-state/", f"{self.bench.folder}/worker")
        done = subprocess.run(["bash", "-ec", typed], capture_output=True, check=True, text=True, timeout=60)
        self.assertGreaterEqual(int(done.stdout), 150)
        for connection in connections:
            connection.close()
        self.expect_end()


class Traced(Observed):
    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        super().__init__()

    def serve(self, *options: object, **_: object) -> None:
        super().serve(*options, environment={"OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url})


class SpansLost(Incident):
    title = "Traces are lost"

    def made(self) -> Observed:
        self.refuses = False
        self.collector = Collector(lambda *_: answer("403 Forbidden" if self.refuses else "200 OK"))
        self.addCleanup(self.collector.stop)
        return Traced(self.collector)

    def test_it_is_told(self) -> None:
        self.assertEqual(self.read(), 404)
        self.bench.await_metric("spans_total", 2, outcome="sent")
        self.expect_quiet()
        self.assertIn(" 200 ", self.curl())
        self.refuses = True
        self.assertNotIn(" 200 ", self.curl())
        self.ask_often(self.read, 404)
        self.expect_metric()
        self.expect_line()
        self.refuses = False
        self.ask_often(self.read, 404)
        wait_until(lambda: self.lines(self.entry.over), "the end of it")

    def curl(self) -> str:
        typed = self.entry.commands().replace(":4318", f":{self.collector.port}")
        return subprocess.run(["bash", "-ec", typed], capture_output=True, check=True, text=True, timeout=60).stdout


class Runbook(unittest.TestCase):
    def test_each_section_says_all_that_there_is_to_say(self) -> None:
        for title in runbook.titles():
            labels = re.findall(r"^- \*\*(.*?)\*\*: ", runbook.Entry(title).text, re.MULTILINE)
            self.assertEqual([label for label in labels if label != "Over"], ["Metric", "Line", "Alert", "Users see"], title)

    def test_each_alert_is_in_it(self) -> None:
        alerts = set(re.findall(r"- alert: (\w+)", RULES.read_text()))
        self.assertEqual({alert for title in runbook.titles() for alert in runbook.Entry(title).alerts}, alerts)

    def test_each_alert_names_its_section(self) -> None:
        named = re.findall(r"- alert: (\w+)\n(?:(?! *- alert:).*\n)*? *runbook: \"(.*)\"", RULES.read_text())
        self.assertEqual(len(named), RULES.read_text().count("- alert:"))
        for alert, sections in named:
            for title in sections.split("; "):
                self.assertIn(alert, runbook.Entry(title).alerts, alert)

    def test_each_query_names_metrics_that_there_are(self) -> None:
        with Observed() as bench:
            prometheus = Prometheus(bench, bench.port)
            there = bench.metrics().names()
            for title in runbook.titles():
                query = runbook.Entry(title).metric
                self.assertEqual(set(re.findall(r"dashboard_state_\w+", query)) - there, set(), title)
                prometheus.query(query)
