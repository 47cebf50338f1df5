"""Traces as a collector gets them, and collectors that do not take them."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path
from typing import Any

from collector import Collector, answer
from namespaces import in_namespaces
from observed import Observed
from programs import TOP, WORKER, free_port, wait_until
from workbench import document

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
SERVER, CLIENT, ERROR = 2, 3, 2


def traceparent(flags: str = "01", trace: str = TRACE) -> str:
    return f"00-{trace}-{CALLER}-{flags}"


class TracedBench(Observed):
    """A worker that sends its spans to a collector."""

    def __init__(self, collector: Collector | None, *options: object, **variables: str) -> None:
        self.variables = variables
        if collector is not None:
            self.variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **variables}
        super().__init__("--log-level", "info", *options)

    def serve(self, *options: Any, **more: Any) -> None:
        super().serve(*options, environment=self.variables, **more)

    def end_worker(self) -> float:
        """Has it stop, and returns how long that took. Its exit status is 0."""
        start = time.monotonic()
        self.signal("worker", signal.SIGTERM)
        assert self._processes["worker"].wait(30) == 0
        return time.monotonic() - start


class Spans(unittest.TestCase):
    """What is told of a request."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.stop)
        cls.bench = TracedBench(
            cls.collector,
            OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test%20bench,service.namespace=a",
            OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20hunter2, x-tenant = t",
        )
        cls.addClassCleanup(cls.bench.stop)
        cls.bench.await_ready()

    def setUp(self) -> None:
        self.bench.redis("FLUSHALL")
        self.collector.requests.clear()

    def spans(self, count: int) -> list[Any]:
        wait_until(lambda: len(self.collector.spans) >= count, f"{count} spans")
        found = self.collector.spans
        self.assertEqual(len(found), count, [span.name for span in found])
        return sorted(found, key=lambda span: (span.raw.start_time_unix_nano, span.kind))

    def test_a_read_has_a_span_and_redis_one_below_it(self) -> None:
        before = time.time_ns()
        self.bench.ask(
            "GET", traceparent=traceparent(), tracestate="a=1, b@c=2",
            params={"SERVER_NAME": "example.org", "SERVER_PORT": "8443", "HTTPS": "on"},
        )  # fmt: skip
        server, redis = self.spans(2)
        after = time.time_ns()
        self.assertEqual((server.trace, redis.trace), (TRACE, TRACE))
        self.assertEqual((server.parent, redis.parent), (CALLER, server.id))
        self.assertNotEqual(server.id, redis.id)
        self.assertEqual((server.kind, redis.kind), (SERVER, CLIENT))
        self.assertEqual((server.name, redis.name), ("GET /api/dashboard/state", "GET"))
        # Sampled; the parent of the first is remote, and that of the other is known not to be.
        self.assertEqual((server.raw.flags, redis.raw.flags), (0x301, 0x101))
        self.assertEqual((server.raw.trace_state, redis.raw.trace_state), ("a=1, b@c=2", "a=1, b@c=2"))
        for span in (server, redis):
            self.assertEqual(span.raw.status.code, 0)
        self.assertEqual(
            server.attributes,
            {
                "http.request.method": "GET", "url.scheme": "https", "url.path": "/api/dashboard/state",
                "http.route": "/api/dashboard/state", "server.address": "example.org", "server.port": 8443,
                "http.response.status_code": 404, "dashboard_state.outcome": "miss",
                "dashboard_state.problem": "nothing-stored",
            },
        )  # fmt: skip
        self.assertEqual(
            redis.attributes,
            {
                "db.system.name": "redis", "db.operation.name": "GET", "db.namespace": "0",
                "server.address": str(self.bench.socket("redis")),
            },
        )  # fmt: skip
        times = [
            before - 50_000_000, server.raw.start_time_unix_nano, redis.raw.start_time_unix_nano,
            redis.raw.end_time_unix_nano, server.raw.end_time_unix_nano, after + 50_000_000,
        ]  # fmt: skip
        self.assertEqual(times, sorted(times))

    def test_the_batch_says_who_sends_it_and_has_the_fields_that_are_wanted(self) -> None:
        self.bench.ask("GET")
        span = self.spans(2)[0]
        resource = span.resource
        self.assertRegex(resource.pop("service.instance.id"), r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        version = resource.pop("service.version")
        self.assertEqual(
            resource,
            {
                "service.name": "dashboard-state", "deployment.environment.name": "test bench", "service.namespace": "a",
                "telemetry.sdk.language": "swift", "telemetry.sdk.name": "dashboard-state",
                "telemetry.sdk.version": version,
            },
        )  # fmt: skip
        self.assertEqual((span.scope.name, span.scope.version), ("dashboard-state", version))
        request = self.collector.requests[0]
        self.assertEqual(request.line, "POST /v1/traces HTTP/1.1")
        fields = request.fields
        self.assertEqual(fields["content-type"], "application/json")
        self.assertEqual(fields["host"], f"127.0.0.1:{self.collector.port}")
        self.assertEqual((fields["authorization"], fields["x-tenant"]), ("Bearer hunter2", "t"))
        self.assertNotIn("hunter2", self.bench.log("worker", 1000))

    def test_each_operation_says_what_it_asks_redis_for(self) -> None:
        etag = self.bench.post(1, {"a": 1}).etag
        self.bench.post(2, {"long": "x" * 8000})
        self.bench.ask("DELETE", if_match=etag)
        self.bench.ask("DELETE")
        self.bench.ask("GET", path="/readyz")
        self.bench.ask("GET", path="/healthz")
        self.bench.ask("OPTIONS")
        spans = self.spans(12)
        servers = [span for span in spans if span.kind == SERVER]
        redis = [span for span in spans if span.kind == CLIENT]
        self.assertEqual(
            [(span.name, span.attributes["dashboard_state.outcome"], span.attributes["http.response.status_code"]) for span in servers],
            [
                ("POST /api/dashboard/state", "saved", 200), ("POST /api/dashboard/state", "replaced", 200),
                ("DELETE /api/dashboard/state", "precondition_failed", 412), ("DELETE /api/dashboard/state", "deleted", 200),
                ("GET /readyz", "answered", 200), ("GET /healthz", "answered", 200),
                ("OPTIONS /api/dashboard/state", "answered", 204),
            ],
        )  # fmt: skip
        self.assertEqual([span.name for span in redis], ["EVALSHA save", "EVALSHA save", "EVALSHA delete", "DEL", "SET"])
        scripts = [span.attributes.get("db.stored_procedure.name") for span in redis]
        self.assertEqual(scripts, ["save", "save", "delete", None, None])
        self.assertEqual([span.parent for span in redis], [span.id for span in servers[:5]])
        self.assertEqual(len({span.trace for span in servers}), 7)
        self.assertTrue(all(span.parent == "" for span in servers))

    def test_nothing_of_a_users_or_a_clients_making_is_told(self) -> None:
        self.bench.ask("POST", document(1, {"secret": "hunter3"}), user="alice", workspace="place")
        self.bench.ask("GET", path="/api/dashboard/state/hunter3", user="alice", workspace="place")
        self.bench.ask("HUNTER3", user="alice", workspace="place", params={"SERVER_NAME": 'hunter3"/{}'})
        self.bench.ask("POST", "hunter3", user="alice", workspace="place", tracestate="a=hunter3")
        spans = self.spans(5)
        bodies = b"".join(request.body for request in self.collector.requests)
        for word in (b"alice", b"place", b"hunter3", b"HUNTER3", b"hyvve"):
            self.assertNotIn(word, bodies)
        self.assertEqual(spans[2].name, "GET")
        self.assertNotIn("url.path", spans[2].attributes)
        self.assertEqual(spans[3].name, "HTTP /api/dashboard/state")
        self.assertEqual(spans[3].attributes["http.request.method"], "_OTHER")
        self.assertEqual(spans[4].attributes["dashboard_state.problem"], "invalid-body")

    def test_the_trace_is_in_the_log_and_in_problems(self) -> None:
        self.assertEqual(self.bench.ask("GET", traceparent=traceparent()).json["trace"], TRACE)
        self.assertEqual(self.bench.ask("GET", params={"REQUEST_ID": "12" * 16}).json["trace"], "12" * 16)
        begun = self.bench.ask("GET").json["trace"]
        spans = [span for span in self.spans(6) if span.kind == SERVER]
        self.assertEqual([span.trace for span in spans], [TRACE, "12" * 16, begun])
        self.assertEqual([span.parent for span in spans], [CALLER, "", ""])
        for trace in (TRACE, "12" * 16, begun):
            self.assertTrue(self.bench.await_log_lines(1, trace), trace)

    def test_what_is_no_traceparent_begins_a_trace(self) -> None:
        wrong = [
            f"00-{TRACE}-{CALLER}-1", f"ff-{TRACE}-{CALLER}-01", f"00-{TRACE.upper()}-{CALLER}-01", f"00-{'0' * 32}-{CALLER}-01",
            f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE}-{CALLER}-01-x", "", "x" * 55, f"0-{TRACE}-{CALLER}-01",
        ]  # fmt: skip
        for field in wrong:
            self.bench.ask("GET", traceparent=field, tracestate="a=1")
        for span in self.spans(2 * len(wrong)):
            self.assertNotEqual(span.trace, TRACE)
            self.assertEqual(span.raw.trace_state, "")
        self.collector.requests.clear()
        # Of versions to come what this one has is read; a tracestate that is none is left out.
        self.bench.ask("GET", traceparent=f"01-{TRACE}-{CALLER}-01-x", tracestate="A=1")
        server = self.spans(2)[0]
        self.assertEqual((server.trace, server.parent, server.raw.trace_state), (TRACE, CALLER, ""))

    def test_callers_who_do_not_record_are_not_recorded(self) -> None:
        self.assertEqual(self.bench.ask("GET", traceparent=traceparent("00")).json["trace"], TRACE)
        self.bench.ask("GET", traceparent=traceparent("03", "ab" * 16))
        self.assertEqual({span.trace for span in self.spans(2)}, {"ab" * 16})

    def test_errors_are_told(self) -> None:
        self.bench.redis("CONFIG", "SET", "maxmemory", "1")
        try:
            self.assertEqual(self.bench.post(1, {"a": 1}).status, 507)
        finally:
            self.bench.redis("CONFIG", "SET", "maxmemory", "0")
        server, redis = self.spans(2)
        self.assertEqual((server.raw.status.code, redis.raw.status.code), (ERROR, ERROR))
        self.assertEqual(server.attributes["error.type"], "storage-full")
        self.assertEqual((redis.attributes["error.type"], redis.attributes["db.response.status_code"]), ("OOM", "OOM"))


class Counted(unittest.TestCase):
    def test_metrics_count_what_was_sent(self) -> None:
        # A worker of its own: spans are counted when they have been taken, which may be in the next test.
        collector = Collector()
        self.addCleanup(collector.stop)
        bench = TracedBench(collector)
        self.addCleanup(bench.stop)
        bench.await_ready()
        bench.ask("GET")
        bench.ask("GET", path="/healthz")
        bench.await_metric("spans_total", 3, outcome="sent")
        self.assertEqual(len(collector.spans), 3)
        self.assertEqual(bench.metrics()("spans_total", outcome="failed"), 0)


SITE = """
server_name example.org;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param SCRIPT_NAME $uri;
fastcgi_param REQUEST_ID $request_id;
location /healthz { fastcgi_pass unix:{folder}/worker.sock; }
location /readyz {
    fastcgi_pass unix:{folder}/worker.sock;
    fastcgi_param REQUEST_METHOD $request_method;
    fastcgi_param SCRIPT_NAME $uri;
    fastcgi_param REQUEST_ID $request_id;
    HINT
}
"""


class BehindNginx(unittest.TestCase):
    """What nginx hands on by itself, and what it does where docs/operate.md says so."""

    def test_what_the_documentation_says(self) -> None:
        text = (TOP / "docs/operate.md").read_text().partition("\n## Traces\n")[2].partition("\n## ")[0]
        setting, hint = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        collector = Collector()
        self.addCleanup(collector.stop)
        default = Path(tempfile.mkdtemp()) / "default"
        self.addCleanup(shutil.rmtree, default.parent)
        typed = setting.replace("/etc/default/dashboard-state", str(default)).replace(":4318", f":{collector.port}")
        subprocess.run(["bash", "-ec", f"systemctl() {{ :; }}\n{typed}"], check=True, timeout=60)
        variables = dict([default.read_text().strip().split("=", 1)])
        bench = TracedBench(None, **variables)
        self.addCleanup(bench.stop)
        bench.await_ready()
        port = bench.run_nginx(SITE.replace("HINT", hint))
        for path in ("/healthz", "/readyz"):
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"traceparent": traceparent()})
            with urllib.request.urlopen(request, timeout=30) as reply:
                self.assertEqual(reply.status, 200)
        wait_until(lambda: len(collector.spans) >= 3, "three spans")
        (health,) = collector.named("GET /healthz")
        self.assertEqual((health.trace, health.parent), (TRACE, CALLER))
        (ready,) = collector.named("GET /readyz")
        self.assertNotEqual(ready.trace, TRACE)
        self.assertEqual(ready.parent, "")
        self.assertEqual(len(bench.await_log_lines(1, f"trace_id={ready.trace}")), 1)
        self.assertEqual((ready.attributes["server.address"], ready.attributes["server.port"]), ("example.org", port))


class Samplers(unittest.TestCase):
    """Which requests are traced."""

    def traced(self, count: int, parent: str | None = None, **variables: str) -> int:
        """How many of so many requests are."""
        collector = Collector()
        self.addCleanup(collector.stop)
        bench = TracedBench(collector, **variables)
        self.addCleanup(bench.stop)
        more = {"traceparent": parent} if parent else {}
        with bench.connect() as connection:
            for _ in range(count):
                connection.ask("GET", path="/healthz", **more)
        bench.end_worker()
        return len(collector.spans)

    def test_samplers(self) -> None:
        sampled, unsampled = traceparent("01"), traceparent("00")
        for name, argument, parent, expected in (
            ("always_on", "", unsampled, 10), ("always_off", "", sampled, 0), ("parentbased_always_off", "", None, 0),
            ("parentbased_always_off", "", sampled, 10), ("parentbased_traceidratio", "0", sampled, 10),
            ("parentbased_traceidratio", "1", unsampled, 0), ("traceidratio", "", unsampled, 10), ("traceidratio", "0", sampled, 0),
        ):  # fmt: skip
            with self.subTest(name, parent=parent):
                variables = {"OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": argument}
                self.assertEqual(self.traced(10, parent, **variables), expected)

    def test_a_ratio(self) -> None:
        variables = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25"}
        # Of 2000 throws, 500 ± 6 standard deviations.
        self.assertAlmostEqual(self.traced(2000, None, **variables), 500, delta=116)


class RedisAway(unittest.TestCase):
    def test_what_was_not_asked_has_no_span_and_no_time(self) -> None:
        collector = Collector()
        self.addCleanup(collector.stop)
        bench = TracedBench(collector)
        self.addCleanup(bench.stop)
        bench.await_ready()
        bench.kill("redis")
        bench.await_metric("redis_links_up", 0)
        bench.await_answer(503)
        asked = bench.metrics()("redis_duration_seconds_count")
        collector.requests.clear()
        for number in range(10):
            for method, body in (("GET", ""), ("POST", document(1, {})), ("DELETE", "")):
                answer = bench.ask(method, body, traceparent=traceparent(trace=f"{number + 1:032x}"))
                self.assertEqual((answer.status, answer.problem), (503, "storage-unavailable"))
        self.assertEqual(bench.metrics()("redis_duration_seconds_count"), asked)
        bench.end_worker()
        ours = [span for span in collector.spans if int(span.trace, 16) <= 10]
        self.assertEqual(len([span for span in ours if span.kind == SERVER]), 30)
        self.assertEqual([span.name for span in ours if span.kind == CLIENT], [])
        self.assertTrue(all(span.attributes["error.type"] == "storage-unavailable" for span in ours))
        lines = bench.log_lines("info request", "trace_id=0000000000000000000000000000000")
        self.assertEqual((len(lines), [line for line in lines if "redis_us" in line]), (30, []))


class HostileCollectors(unittest.TestCase):
    """Whatever a collector does, requests are answered, and spans are counted."""

    def start(self, behave: Any = None, *, collector: Collector | None = None, **variables: str) -> tuple[Collector, TracedBench]:
        collector = collector or Collector(behave)
        self.addCleanup(collector.stop)
        bench = TracedBench(collector, **variables)
        self.addCleanup(bench.stop)
        bench.await_ready()
        return collector, bench

    def ask(self, bench: TracedBench, count: int = 20) -> None:
        with bench.connect() as connection:
            for _ in range(count):
                self.assertEqual(connection.ask("GET").status, 404)

    def fails(self, behave: Any, *words: str, **variables: str) -> TracedBench:
        """Spans are counted as failed, and that is told once, with a reason. Returns what goes on."""
        _, bench = self.start(behave, **variables)
        self.ask(bench)
        wait_until(lambda: bench.log_lines("spans do not reach the collector"), "the line")
        self.ask(bench)
        seconds = bench.end_worker()
        self.assertLess(seconds, 15)
        lines = bench.log_lines("spans do not reach the collector")
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(word, lines[0])
        return bench

    def test_one_that_refuses(self) -> None:
        collector, bench = self.start(lambda *_: answer("400 Bad Request"))
        self.ask(bench)
        bench.await_metric("spans_total", 40, outcome="failed")
        # It was not asked again.
        self.assertEqual(len({request.body for request in collector.requests}), len(collector.requests))
        self.assertTrue(bench.await_log_lines(1, "spans do not reach", "status 400"))

    def test_one_that_asks_to_be_left_alone_for_a_while(self) -> None:
        times: list[float] = []

        def behave(_: socket.socket, number: int) -> bytes:
            times.append(time.monotonic())
            return answer("503 Service Unavailable", b"", "Retry-After: 3") if number == 0 else answer("200 OK")

        collector, bench = self.start(behave)
        self.ask(bench)
        bench.await_metric("spans_total", 40, outcome="sent")
        self.assertGreaterEqual(times[1] - times[0], 2.9)
        self.assertEqual(collector.requests[0].body, collector.requests[1].body)
        self.assertEqual(bench.metrics()("spans_total", outcome="failed"), 0)
        self.assertEqual(len(bench.await_log_lines(1, "spans reach the collector again", "lost=0")), 1)

    def test_one_that_takes_a_part(self) -> None:
        body = b'{"partialSuccess": {"rejectedSpans": "7", "errorMessage": "too old"}}'
        _, bench = self.start(lambda *_: answer("200 OK", body))
        self.ask(bench)
        wait_until(lambda: bench.metrics()("spans_total", outcome="sent") > 0, "spans that are taken")
        page = bench.metrics()
        self.assertEqual(page("spans_total", outcome="failed") % 7, 0)
        self.assertGreater(page("spans_total", outcome="failed"), 0)

    def test_one_that_hangs_up(self) -> None:
        self.fails(lambda connection, _: connection.close(), "hung up")

    def test_one_that_answers_garbage(self) -> None:
        self.fails(lambda *_: b"\0\xff" * 5000, "no HTTP")

    def test_one_that_answers_without_end(self) -> None:
        def flood(connection: socket.socket, _: int) -> None:
            connection.sendall(b"HTTP/1.1 500 No\r\n")
            while True:
                connection.sendall(b"X: " + b"x" * 4096 + b"\r\n")

        self.fails(flood, "no HTTP")

    def test_one_that_accepts_and_talks_without_end(self) -> None:
        def flood(connection: socket.socket, _: int) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 4096)

        _, bench = self.start(flood)
        self.ask(bench)
        bench.await_metric("spans_total", 40, outcome="sent")

    def test_one_that_never_answers(self) -> None:
        self.fails(lambda *_: time.sleep(60), "in time", OTEL_EXPORTER_OTLP_TIMEOUT="300")

    def test_one_that_never_answers_keeps_nobody_from_stopping(self) -> None:
        """The last try has half a second, whatever else there would be time for."""
        variables = {"OTEL_EXPORTER_OTLP_TIMEOUT": "60000", "DASHBOARD_STATE_DRAIN_TIMEOUT": "60"}
        collector, bench = self.start(lambda *_: time.sleep(300), **variables)
        self.ask(bench)
        # One batch hangs, and there are spans for another one.
        wait_until(lambda: collector.requests, "a batch that hangs")
        self.ask(bench)
        # Connections have nothing to end: what takes half a minute is a wait for the collector.
        self.assertLess(bench.end_worker(), 30)

    def test_one_that_does_not_even_accept(self) -> None:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
                fillers.append(filler)
            bench = TracedBench(
                None, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{full.getsockname()[1]}", OTEL_EXPORTER_OTLP_TIMEOUT="300"
            )
            self.addCleanup(bench.stop)
            bench.await_ready()
            self.ask(bench)
            self.assertTrue(bench.await_log_lines(1, "spans do not reach the collector", "too long"))
            self.ask(bench)
            for filler in fillers:
                filler.close()

    def test_one_that_is_away_and_comes_back(self) -> None:
        port = free_port()
        bench = TracedBench(None, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
        self.addCleanup(bench.stop)
        bench.await_ready()
        self.ask(bench)
        self.assertTrue(bench.await_log_lines(1, "spans do not reach the collector", "refused"))
        collector = Collector(port=port)
        self.addCleanup(collector.stop)
        self.assertTrue(wait_until(lambda: bench.log_lines("spans reach the collector again"), "the line") is None)
        self.assertEqual(len(collector.spans), 40)

    def test_what_finds_no_room_is_counted(self) -> None:
        _, bench = self.start(lambda *_: time.sleep(60))
        # One batch is on its way, and 4096 requests are queued.
        with bench.connect() as connection:
            for _ in range(9000):
                connection.ask("GET", path="/healthz")
        wait_until(lambda: bench.metrics()("spans_total", outcome="dropped") > 0, "spans that are dropped")
        self.assertLess(bench.resident_kilobytes(), 40_000)

    def test_the_last_spans_are_sent_at_the_end(self) -> None:
        collector, bench = self.start(lambda *_: answer("200 OK"))
        self.ask(bench)
        bench.end_worker()
        self.assertEqual(len(collector.spans), 40)


    @in_namespaces(hosts="127.0.0.1 two\n127.0.0.2 two\n", nsswitch_conf="hosts: files\n")
    def test_one_that_answers_at_the_second_address_of_its_name(self) -> None:
        collector = Collector(address="127.0.0.2")
        addresses = socket.getaddrinfo("two", collector.port, type=socket.SOCK_STREAM)
        self.assertEqual([address[4][0] for address in addresses], ["127.0.0.1", "127.0.0.2"])
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://two:{collector.port}"}
        _, bench = self.start(collector=collector, **variables)
        self.ask(bench)
        bench.await_metric("spans_total", 40, outcome="sent")
        self.assertEqual(len(collector.spans), 40)
        self.assertEqual(collector.requests[0].fields["host"], f"two:{collector.port}")
        self.assertEqual(bench.log_lines("spans do not reach"), [])


class Settings(unittest.TestCase):
    """What is wrong is said at the start."""

    def check(self, **variables: str) -> tuple[int, str]:
        command = [WORKER, "--listen", "tcp:127.0.0.1:9000", "--check"]
        result = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
        return result.returncode, result.stdout

    def test_what_cannot_be_used(self) -> None:
        for variables, words in (
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://h:4318"}, "plain HTTP alone"),
            ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "HTTPS://h"}, "plain HTTP alone"),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "h:4318"}, "must be http://host"),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://u:hunter2@h"}, "must not hold a user"),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:x"}, "a port that is not"),
            ({"OTEL_TRACES_EXPORTER": "zipkin"}, "expected otlp or none"),
            ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "expected http/json"),
            ({"OTEL_SDK_DISABLED": "maybe"}, "true or false"),
            *(({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h", **variable}, words) for variable, words in self.unusable),
        ):  # fmt: skip
            with self.subTest(variables):
                status, said = self.check(**variables)
                self.assertEqual(status, 78)
                self.assertIn(next(reversed(variables)), said)
                self.assertIn(words, said)
                self.assertNotIn("hunter2", said)

    unusable = (
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "'grpc': expected http/json"),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, "expected http/json"),
        ({"OTEL_TRACES_SAMPLER": "jaeger_remote"}, "expected always_on, always_off"),
        ({"OTEL_TRACES_SAMPLER_ARG": "2"}, "a number from 0 to 1"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "hunter2"}, "must be name=value"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "host=hunter2"}, "sets itself"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "a=%zz"}, "must be name=value"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "0"}, "1 to 60000"),
    )

    def test_what_is_switched_off_is_not_looked_at(self) -> None:
        for switch in ({"OTEL_SDK_DISABLED": "TRUE"}, {"OTEL_TRACES_EXPORTER": "none"}):
            self.assertEqual(self.check(OTEL_EXPORTER_OTLP_PROTOCOL="grpc", **switch), (0, ""))

    def test_without_a_collector_nothing_else_is_looked_at(self) -> None:
        """It may be meant for other programs of the machine."""
        for variables, _ in self.unusable:
            self.assertEqual(self.check(**variables), (0, ""))

    def test_those_of_traces_alone_stand_in_for_the_general_ones(self) -> None:
        collector = Collector()
        self.addCleanup(collector.stop)
        bench = TracedBench(
            None,
            OTEL_EXPORTER_OTLP_ENDPOINT="https://192.0.2.1", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.url}/own",
            OTEL_EXPORTER_OTLP_PROTOCOL="grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL="http/json",
            OTEL_EXPORTER_OTLP_HEADERS="x-general=1,x-tenant=general", OTEL_EXPORTER_OTLP_TRACES_HEADERS="x-tenant=own",
            OTEL_EXPORTER_OTLP_TIMEOUT="0", OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="60000",
        )  # fmt: skip
        self.addCleanup(bench.stop)
        bench.ask("GET", path="/healthz")
        bench.end_worker()
        [request] = collector.requests
        self.assertEqual((request.line, request.fields["x-tenant"]), ("POST /own HTTP/1.1", "own"))
        self.assertNotIn("x-general", request.fields)

    def test_a_timeout_of_traces_alone_is_the_one_that_counts(self) -> None:
        collector = Collector(lambda *_: time.sleep(300))
        self.addCleanup(collector.stop)
        bench = TracedBench(collector, OTEL_EXPORTER_OTLP_TIMEOUT="60000", OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="300")
        self.addCleanup(bench.stop)
        bench.ask("GET", path="/healthz")
        wait_until(lambda: bench.log_lines("spans do not reach the collector", "in time"), "the line")

    def test_where_spans_go(self) -> None:
        collector = Collector()
        self.addCleanup(collector.stop)
        for variables, line in (
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.url}/base/"}, "POST /base/v1/traces HTTP/1.1"),
            ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/own?a=b"}, "POST /own?a=b HTTP/1.1"),
            ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1"}, "POST / HTTP/1.1"),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_EXPORTER": "none"}, None),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_SDK_DISABLED": "true"}, None),
        ):  # fmt: skip
            with self.subTest(variables):
                collector.requests.clear()
                bench = TracedBench(None, **variables, OTEL_SERVICE_NAME="tiles")
                self.addCleanup(bench.stop)
                bench.ask("GET", path="/healthz")
                bench.end_worker()
                self.assertEqual([request.line for request in collector.requests], [line] if line else [])
                self.assertTrue(all(span.resource["service.name"] == "tiles" for span in collector.spans))


if __name__ == "__main__":
    unittest.main()
