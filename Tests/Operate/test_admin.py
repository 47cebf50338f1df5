"""The admin address: what it answers, to whom, and that nobody keeps it from answering."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import unittest

from observed import Observed, promtool
from programs import accepts, wait_until


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.bench = Observed()
        cls.addClassCleanup(cls.bench.stop)
        cls.bench.await_ready()

    def raw(self, request: bytes, timeout: float = 30) -> bytes:
        with socket.create_connection(("127.0.0.1", self.bench.port), timeout) as connection:
            connection.sendall(request)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
            return answer

    def test_each_page_says_what_it_is(self) -> None:
        for path, kind in (
            ("/healthz", "application/json"), ("/readyz", "application/json"), ("/status", "application/json"),
            ("/metrics", "text/plain; version=0.0.4; charset=utf-8"), ("/metrics?a=b", "text/plain; version=0.0.4; charset=utf-8"),
        ):  # fmt: skip
            status, fields, body = self.bench.get(path)
            self.assertEqual((status, fields["Content-Type"]), (200, kind), path)
            self.assertEqual(int(fields["Content-Length"]), len(body.encode()))
            head = self.bench.get(path, "HEAD")
            self.assertEqual((head[0], head[2], head[1]["Content-Type"]), (200, "", kind))
        self.assertEqual(json.loads(self.bench.get("/healthz")[2]), {"status": "ok"})
        self.assertEqual(self.bench.ready(), (200, {"status": "ready", "reason": "states are read and saved"}))
        status = json.loads(self.bench.get("/status")[2])
        self.assertEqual((status["phase"], status["loops"], status["redis_links_up"]), ("serving", 2, 2))

    def test_what_is_no_request_gets_its_status(self) -> None:
        self.assertEqual(self.bench.get("/")[0], 404)
        self.assertEqual(self.bench.get("/api/dashboard/state")[0], 404)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "XYZ"):
            status, fields, _ = self.bench.get("/metrics", method)
            self.assertEqual((status, fields["Allow"]), (405, "GET, HEAD"))
        for request, status in (
            (b"GET /metrics\r\n\r\n", b"400"), (b"\x16\x03\x01\x02\x00", b"400"), (b"GET / HTTP/1.1\r\n\r\n", b"400"),
            (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9000 + b"\r\n\r\n", b"431"), (b"GET /" + b"x" * 9000, b"431"),
        ):  # fmt: skip
            self.assertTrue(self.raw(request).startswith(b"HTTP/1.1 " + status), request[:40])

    def test_no_answer_to_head_has_a_body(self) -> None:
        for rest, status in (
            (b"/healthz HTTP/1.0\r\n\r\n", b"200"), (b"/nowhere HTTP/1.0\r\n\r\n", b"404"), (b"/ HTTP/1.1\r\n\r\n", b"400"),
            (b"/ HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
        ):  # fmt: skip
            answer = self.raw(b"HEAD " + rest)
            self.assertTrue(answer.startswith(b"HTTP/1.1 " + status), answer)
            self.assertTrue(answer.endswith(b"\r\n\r\n"), answer)

    def test_openmetrics_for_those_who_ask(self) -> None:
        _, fields, body = self.bench.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")
        self.assertEqual(fields["Content-Type"], "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.assertTrue(body.endswith("\n# EOF\n"))
        self.assertIn("# TYPE dashboard_state_requests counter\n", body)
        self.assertIn("# UNIT dashboard_state_request_duration_seconds seconds\n", body)

    def test_promtool_has_no_complaint(self) -> None:
        self.bench.post(1, {"a": 1})
        self.bench.ask("GET")
        self.assertEqual(promtool("check", "metrics", text=self.bench.get("/metrics")[2]), "")

    def test_those_who_only_hold_connections_keep_nobody_out(self) -> None:
        held = [socket.create_connection(("127.0.0.1", self.bench.port)) for _ in range(150)]
        for number, connection in enumerate(held):
            if number % 2:
                connection.sendall(b"GET /metr")
        try:
            self.assertEqual(self.bench.get("/healthz")[0], 200)
            self.assertEqual(self.bench.ask("GET").status in (200, 404), True)
            # And each is closed in its time.
            for connection in held:
                connection.settimeout(30)
                # Of those whose request is not read to its end by a reset.
                with contextlib.suppress(ConnectionResetError):
                    self.assertEqual(connection.recv(1), b"")
        finally:
            for connection in held:
                connection.close()

    def test_those_who_do_not_read_hold_up_nobody(self) -> None:
        lazy = []
        for _ in range(40):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.connect(("127.0.0.1", self.bench.port))
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
            lazy.append(connection)
        try:
            for _ in range(20):
                self.assertEqual(self.bench.get("/metrics")[0], 200)
                self.assertIn(self.bench.ask("GET").status, (200, 404))
        finally:
            for connection in lazy:
                connection.close()

    def test_nothing_of_a_request_comes_back(self) -> None:
        _, _, body = self.bench.get("/secret-path?secret-query", Accept="secret-field")
        self.assertNotIn("secret", body)


class Readiness(unittest.TestCase):
    def test_not_before_each_loop_has_a_link_and_redis_the_scripts(self) -> None:
        with Observed(starts_redis=False) as bench:
            status, said = bench.ready()
            self.assertEqual((status, said["status"]), (503, "unavailable"))
            self.assertEqual(bench.get("/healthz")[0], 200)
            bench.run_redis(bench.socket("redis"))
            bench.await_ready()
            self.assertEqual(bench.metrics()("redis_links_up"), 2)
            # So the first save asks for none.
            before = bench.metrics()("redis_commands_total", command="script|load")
            self.assertEqual(before, 4)
            self.assertEqual(bench.post(1, {"a": "x" * 5000}).status, 200)
            self.assertEqual(bench.ask("DELETE", if_match="*").status, 200)
            self.assertEqual(bench.metrics()("redis_commands_total", command="script|load"), before)

    def test_what_redis_does_shows(self) -> None:
        with Observed() as bench:
            bench.await_ready()
            bench.redis("CONFIG", "SET", "maxmemory", "1")
            said = bench.await_ready("read-only")
            self.assertIn("full", said["reason"])
            self.assertEqual(bench.ready()[0], 200)
            bench.redis("CONFIG", "SET", "maxmemory", "0")
            bench.await_ready()
            # It hangs: whoever checks is told in time.
            bench.signal("redis", signal.SIGSTOP)
            status, said = bench.ready()
            self.assertEqual((status, said["status"]), (503, "unavailable"))
            self.assertIn("answer", said["reason"])
            self.assertEqual(bench.get("/metrics")[0], 200)
            bench.signal("redis", signal.SIGCONT)
            bench.await_ready()
            bench.kill("redis")
            said = bench.await_ready("unavailable")
            self.assertIn("Redis", said["reason"])
            self.assertNotIn(str(bench.folder), said["reason"])
            bench.run_redis(bench.socket("redis"))
            bench.await_ready()

    def test_a_worker_that_stops_is_draining(self) -> None:
        with Observed() as bench:
            bench.await_ready()
            with bench.connect() as connection:
                connection.ask("GET")
                bench.signal("worker", signal.SIGTERM)
                said = bench.await_ready("draining")
                self.assertEqual(bench.ready()[0], 503)
                self.assertEqual(bench.get("/healthz")[0], 200)
                self.assertEqual(bench.metrics()("draining"), 1)
                self.assertIn("stopping", said["reason"])
            wait_until(lambda: not bench.is_running("worker"), "the worker's end")


class Addresses(unittest.TestCase):
    def test_a_unix_socket_comes_and_goes_with_the_worker(self) -> None:
        with Observed() as bench:
            path = bench.folder / "admin.sock"
            bench.serve("--admin", f"unix:{path}", name="other")
            # The file is there before anybody listens.
            wait_until(lambda: accepts(path), "the admin socket")
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(path))
                connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n"))
            bench.signal("other", signal.SIGTERM)
            wait_until(lambda: not bench.is_running("other"), "the worker's end")
            self.assertFalse(path.exists())

    def test_the_service_does_not_hang_on_it(self) -> None:
        with Observed() as bench:
            bench.serve("--admin", f"tcp:127.0.0.1:{bench.port}", name="other")
            self.assertEqual(bench.ask("GET", name="other").status, 404)
            self.assertEqual(len(bench.await_log_lines(1, "error", "admin address", name="other")), 1)

    def test_a_port_may_be_a_sum(self) -> None:
        with Observed() as bench:
            environment = {"DASHBOARD_STATE_ADMIN": f"tcp:127.0.0.1:{bench.port - 1}+1"}
            bench.end("worker")
            bench.serve(environment=environment)
            bench.await_ready()
            self.assertEqual(bench.get("/healthz")[0], 200)
