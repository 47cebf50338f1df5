"""Each metric, made to change by what it counts."""

from __future__ import annotations

import http.client
import json
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone

from observed import Observed
from programs import wait_until
from workbench import document, key

UPSTREAM = "upstream workers { server unix:{folder}/worker.sock; keepalive 8; }"
SITE = """
location / {
    fastcgi_pass workers; fastcgi_keep_conn on;
    fastcgi_param REQUEST_METHOD $request_method; fastcgi_param SCRIPT_NAME $uri;
    fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
    fastcgi_param REMOTE_USER $http_x_user; fastcgi_param REMOTE_WORKSPACE w1;
}
"""


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.bench = Observed()
        cls.addClassCleanup(cls.bench.stop)
        cls.bench.await_ready()

    def setUp(self) -> None:
        self.bench.redis("FLUSHALL")
        self.before = self.bench.metrics()

    def grown(self, name: str, **labels: str) -> float:
        return self.bench.metrics()(name, **labels) - self.before(name, **labels)

    def test_reads_by_outcome(self) -> None:
        etag = self.bench.post(1, {"a": 1}).etag
        for _ in range(3):
            self.bench.ask("GET")
        self.bench.ask("HEAD")
        self.bench.ask("GET", if_none_match=etag)
        self.bench.ask("GET", user="nobody")
        self.bench.redis("SET", key("odd"), "no document")
        self.bench.ask("GET", user="odd")
        for outcome, count in (("hit", 4), ("miss", 1), ("not_modified", 1), ("unusable", 1)):
            self.assertEqual(self.grown("reads_total", outcome=outcome), count, outcome)
        for method, status, outcome, count in (
            ("GET", "200", "hit", 3), ("HEAD", "200", "hit", 1), ("GET", "304", "not_modified", 1),
            ("GET", "404", "miss", 1), ("GET", "404", "unusable", 1), ("POST", "200", "saved", 1),
        ):  # fmt: skip
            labels = {"route": "state", "method": method, "status": status, "outcome": outcome}
            self.assertEqual(self.grown("requests_total", **labels), count, labels)
        self.assertEqual(self.grown("problems_total", reason="nothing-stored"), 2)
        self.assertEqual(self.grown("redis_commands_total", command="get"), 7)

    def test_saves_and_deletes_by_outcome(self) -> None:
        self.bench.post(1, {"a": 1})
        self.bench.post(2, {"a": 2})
        self.bench.post(2, {"a": 2})
        self.bench.post(1, {"a": 3})
        self.bench.post(3, {"a": 3}, if_match='"other"')
        for outcome in ("saved", "replaced", "unchanged", "refused", "precondition_failed"):
            self.assertEqual(self.grown("saves_total", outcome=outcome), 1, outcome)
        self.bench.ask("DELETE")
        self.bench.ask("DELETE")
        self.assertEqual(self.grown("requests_total", method="DELETE", outcome="deleted"), 1)
        self.assertEqual(self.grown("requests_total", method="DELETE", outcome="nothing_deleted"), 1)
        self.assertEqual(self.grown("redis_commands_total", command="del"), 2)
        self.assertEqual(self.grown("redis_commands_total", command="evalsha"), 5)
        self.assertEqual(self.grown("redis_duration_seconds_count", command="evalsha"), 5)

    def test_problems_by_type(self) -> None:
        ask = self.bench.ask
        for reason, act in {
            "malformed-precondition": lambda: ask("GET", if_match="x"),
            "invalid-body": lambda: ask("POST", "{"),
            "no-user": lambda: ask("GET", user=""),
            "no-workspace": lambda: ask("GET", workspace=""),
            "unusable-identity": lambda: ask("GET", user="x" * 300),
            "other-user": lambda: ask("GET", x_dashboard_user="somebody"),
            "other-workspace": lambda: ask("GET", x_dashboard_workspace="somewhere"),
            "precondition-failed": lambda: ask("GET", if_match='"x"'),
            "body-too-large": lambda: ask("POST", "x" * 2_000_000),
            "encoded-body": lambda: ask("POST", "{}", content_encoding="gzip"),
            "checksum-mismatch": lambda: ask("POST", document(1, {}, checksum="0" * 64)),
            "not-found": lambda: ask("GET", path="/elsewhere"),
            "method-not-allowed": lambda: ask("PUT"),
        }.items():
            act()
            self.assertEqual(self.grown("problems_total", reason=reason), 1, reason)
        self.assertEqual(self.grown("requests_total", outcome="rejected"), 12)
        self.assertEqual(self.grown("requests_total", route="other", method="GET", status="404"), 1)

    def test_no_request_makes_more_series(self) -> None:
        def ask_oddly(number: int) -> None:
            with self.bench.connect() as connection:
                for odd in range(number, number + 20):
                    connection.ask(f"METHOD-{odd}", path=f"/path/{odd}", user=f"user-{odd}", workspace=f"w-{odd}")
                    connection.ask("GET", path=f'/"{odd}"}}\n', user=f"user-{odd}")
                    connection.ask("GET", user=f"other-{odd}")

        ask_oddly(0)
        before = set(self.bench.metrics().samples)
        for number in range(20, 200, 20):
            ask_oddly(number)
        page = self.bench.metrics()
        self.assertEqual(set(page.samples), before)
        self.assertNotIn("METHOD", page.text)
        self.assertNotIn("user-", page.text)
        names = {label for _, labels in page.samples for label, _ in labels}
        self.assertLessEqual(names, {"route", "method", "status", "outcome", "command", "reason", "le", "version"})

    def test_sizes(self) -> None:
        body = document(1, {"a": "x" * 5000})
        self.bench.ask("POST", body)
        answer = self.bench.ask("GET")
        self.assertEqual(self.grown("request_size_bytes_sum"), len(body))
        self.assertEqual(self.grown("request_size_bytes_bucket", le="4096.0"), 0)
        self.assertEqual(self.grown("request_size_bytes_bucket", le="16384.0"), 1)
        self.assertEqual(self.grown("response_size_bytes_count"), 2)
        self.assertGreater(self.grown("response_size_bytes_sum"), len(answer.body))
        state = len(json.dumps({"a": "x" * 5000}))
        self.assertEqual(self.grown("document_size_bytes_sum"), len(answer.body) + state)

    def test_ages_of_one_read_in_eight(self) -> None:
        then = datetime.now(timezone.utc) - timedelta(days=2)
        self.bench.post(1, {"a": 1})
        stored = json.loads(self.bench.stored())
        stored["lastModified"] = then.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        text = json.dumps(stored, separators=(",", ":"))
        self.bench.redis("SET", key("u1"), text)
        with self.bench.connect() as connection:
            for _ in range(64):
                self.assertEqual(connection.ask("GET").status, 200)
        self.assertEqual(self.grown("document_age_seconds_count"), 8)
        self.assertEqual(self.grown("document_age_seconds_bucket", le="86400.0"), 0)
        self.assertEqual(self.grown("document_age_seconds_bucket", le="604800.0"), 8)
        self.assertAlmostEqual(self.grown("document_age_seconds_sum"), 8 * 2 * 86400, delta=8 * 60)

    def test_the_time_to_live_is_renewed_beside_requests(self) -> None:
        self.bench.post(1, {"a": 1})
        stored = json.loads(self.bench.stored())
        stored["lastModified"] = "2020-01-01T00:00:00.000Z"
        self.bench.redis("SET", key("u1"), json.dumps(stored, separators=(",", ":")), "EX", 100)
        self.bench.ask("GET")
        wait_until(lambda: self.grown("redis_commands_total", command="expire") == 1, "a renewal")
        self.assertEqual(self.grown("redis_commands_total", command="pttl"), 1)

    def test_durations_are_as_long_as_redis_takes(self) -> None:
        self.bench.redis("CLIENT", "PAUSE", 300, "ALL")
        self.bench.ask("GET")
        labels = {"route": "state", "method": "GET"}
        self.assertEqual(self.grown("request_duration_seconds_count", **labels), 1)
        self.assertGreater(self.grown("request_duration_seconds_sum", **labels), 0.2)
        self.assertGreater(self.grown("redis_duration_seconds_sum", command="get"), 0.2)
        self.assertEqual(self.grown("redis_duration_seconds_bucket", command="get", le="0.1"), 0)

    def test_connections_of_web_servers(self) -> None:
        idle = [self.bench.connect() for _ in range(3)]
        for connection in idle:
            connection.ask("GET")
        self.bench.await_metric("connections_idle", 3)
        self.bench.await_metric("connections_busy", 0)
        self.assertEqual(self.grown("connections_accepted_total"), 3)
        self.bench.redis("CLIENT", "PAUSE", 60_000, "WRITE")
        thread = threading.Thread(target=lambda: idle[0].ask("POST", document(1, {})))
        thread.start()
        self.bench.await_metric("connections_busy", 1)
        self.bench.await_metric("connections_idle", 2)
        self.bench.redis("CLIENT", "UNPAUSE")
        thread.join()
        for connection in idle:
            connection.__exit__(None, None, None)
        self.bench.await_metric("connections_idle", 0)
        with self.bench.connect() as connection:
            connection.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
            connection.socket.recv(1)
        wait_until(lambda: self.grown("connections_refused_total") == 1, "a refused connection")

    def test_checks_of_web_servers_are_routes(self) -> None:
        self.bench.ask("GET", path="/healthz")
        self.bench.ask("GET", path="/readyz")
        self.bench.ask("OPTIONS")
        self.assertEqual(self.grown("requests_total", route="healthz", outcome="answered"), 1)
        self.assertEqual(self.grown("requests_total", route="readyz", outcome="answered"), 1)
        self.assertEqual(self.grown("requests_total", method="OPTIONS", status="204"), 1)
        self.assertEqual(self.grown("redis_commands_total", command="set"), 1)

    def test_the_process(self) -> None:
        page = self.bench.metrics()
        self.assertAlmostEqual(page("process_start_time_seconds"), time.time(), delta=600)
        self.assertGreater(page("process_resident_memory_bytes"), 1 << 20)
        self.assertGreater(page("process_open_fds"), 8)
        self.assertGreater(page("process_max_fds"), page("process_open_fds"))
        self.assertGreater(page("process_cpu_seconds_total"), 0)
        self.assertEqual(page("loops"), 2)
        self.assertEqual(page("build_info"), 1)
        lines = page("log_lines_total")
        self.bench.ask("GET")
        # A line is made behind its answer.
        wait_until(lambda: self.bench.metrics()("log_lines_total") > lines, "the line")
        self.assertEqual(self.bench.metrics()("log_lines_lost_total"), 0)

    def test_through_nginx(self) -> None:
        port = self.bench.run_nginx(SITE, UPSTREAM)
        self.addCleanup(self.bench.end, "nginx")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for number in range(10):
            connection.request("GET", "/api/dashboard/state", headers={"X-User": f"u{number}"})
            self.assertEqual(connection.getresponse().read() != b"", True)
        connection.close()
        self.assertEqual(self.grown("reads_total", outcome="miss"), 10)
        wait_until(lambda: self.bench.metrics()("connections_idle") >= 1, "nginx's connection")


class Busiest(unittest.TestCase):
    def test_the_share_of_one_who_floods(self) -> None:
        with Observed() as bench:
            bench.await_ready()
            self.assertEqual(bench.metrics()("busiest_identity_ratio"), 0)
            connections = [self.enterContext(bench.connect()) for _ in range(4)]
            for number in range(400):
                user = "flooding" if number % 4 else f"user-{number}"
                connections[number % 4].ask("GET", user=user)
            ratio = bench.metrics()("busiest_identity_ratio")
            self.assertTrue(0.75 <= ratio < 0.78, ratio)
            page = bench.get("/metrics")[2] + bench.get("/status")[2]
            self.assertNotIn("flooding", page)


class Trouble(unittest.TestCase):
    """Redis in trouble: one metric tells which."""

    def setUp(self) -> None:
        self.bench = Observed()
        self.addCleanup(self.bench.stop)
        self.bench.await_ready()

    def test_away_and_back(self) -> None:
        bench = self.bench
        made = bench.metrics()("redis_connections_total")
        bench.kill("redis")
        bench.await_metric("redis_links_up", 0)
        wait_until(lambda: bench.ask("GET").status == 503, "an answer 503")
        page = bench.metrics()
        self.assertEqual(page("redis_links"), 2)
        self.assertEqual(page("redis_connections_lost_total", reason="connection_lost"), 2)
        self.assertGreaterEqual(page("redis_connections_failed_total", reason="cannot_connect"), 1)
        self.assertGreaterEqual(page("redis_errors_total"), 1)
        self.assertGreaterEqual(page("requests_total", outcome="failed", status="503"), 1)
        self.assertEqual(page("problems_total", reason="storage-unavailable"), page("requests_total", outcome="failed"))
        self.assertIn("redis_trouble", json.loads(bench.get("/status")[2]))
        bench.run_redis(bench.socket("redis"))
        bench.await_metric("redis_links_up", 2)
        self.assertEqual(bench.metrics()("redis_connections_total"), made + 2)
        # The new server has no scripts: they are loaded as they are needed.
        loaded = bench.metrics()("redis_commands_total", command="script|load")
        self.assertEqual(bench.post(1, {}).status, 200)
        self.assertEqual(bench.metrics()("redis_commands_total", command="script|load"), loaded + 1)

    def test_the_first_failure_is_one_more(self) -> None:
        """Prometheus sees no increase in a series that begins with 1."""
        bench = self.bench
        before = bench.metrics().samples
        bench.redis("CONFIG", "SET", "maxmemory", "1")
        self.assertEqual(bench.post(1, {}).status, 507)
        bench.kill("redis")
        bench.await_metric("redis_links_up", 0)
        for method in ("GET", "HEAD", "POST", "DELETE"):
            self.assertEqual(bench.ask(method, document(2, {}) if method == "POST" else "").status, 503, method)
        for method in ("GET", "HEAD"):
            self.assertEqual(bench.ask(method, path="/readyz").status, 503, method)
        failed = {
            (name, labels) for name, labels in bench.metrics().samples
            if name.endswith("_requests_total") and ("outcome", "failed") in labels
        }  # fmt: skip
        self.assertEqual(len(failed), 7, failed)
        self.assertEqual({series: before.get(series) for series in failed}, dict.fromkeys(failed, 0))

    def test_full(self) -> None:
        self.bench.redis("CONFIG", "SET", "maxmemory", "1")
        self.assertEqual(self.bench.post(1, {}).status, 507)
        page = self.bench.metrics()
        self.assertEqual(page("redis_errors_total", reason="oom"), 1)
        self.assertEqual(page("problems_total", reason="storage-full"), 1)
        self.assertEqual(page("requests_total", status="507", outcome="failed"), 1)

    def test_demoted(self) -> None:
        self.bench.redis("REPLICAOF", "127.0.0.1", "1")

        def is_told() -> bool:
            self.bench.ask("GET")
            page = self.bench.metrics()
            lost = page("redis_connections_lost_total", reason="replica")
            return lost + page("redis_connections_failed_total", reason="replica") > 0

        wait_until(is_told, "a replica that is told")
        wait_until(lambda: self.bench.metrics()("redis_links_up") < 2, "a link that is down")

    def test_outcome_unknown(self) -> None:
        self.bench.redis("CLIENT", "PAUSE", 60_000, "WRITE")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.bench.post(1, {}).status))
        thread.start()
        self.bench.await_metric("connections_busy", 1)
        self.bench.kill("redis")
        thread.join()
        self.assertEqual(answers, [503])
        self.assertEqual(self.bench.metrics()("problems_total", reason="outcome-unknown"), 1)
        self.assertEqual(self.bench.metrics()("redis_errors_total", reason="unanswered"), 1)
