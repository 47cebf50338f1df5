"""Passwords that change, and sentences that an operator understands, once at the change."""

from __future__ import annotations

import socket
import time
import unittest

import resp
from programs import wait_until
from workbench import Workbench


class Credentials(unittest.TestCase):
    seconds = 20

    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)
        self.file = self.bench.folder / "password"

    def serve(self, url: str = "") -> None:
        self.bench.serve("--threads", "1", url=url, environment={"REDIS_PASSWORD_FILE": str(self.file)})

    def test_a_rotated_password_is_read_again(self) -> None:
        self.bench.start_redis("--requirepass", "the first")
        self.file.write_text("the first")
        self.serve()
        self.bench.await_answer(404)
        for old, new in (("the first", "the second"), ("the second", "the third")):
            self.bench.redis("CONFIG", "SET", "requirepass", new, password=old)
            self.assertEqual(self.bench.ask("GET").status, 404)  # connections stay
            self.file.write_text(new + "\n")
            self.bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes", password=new)
            self.bench.await_answer(404, "an answer with the new password", 15)
            self.assertEqual(self.bench.log_lines(new) + self.bench.log_lines(old), [])

    def test_a_file_that_comes_after_the_password_has_changed(self) -> None:
        self.bench.start_redis("--requirepass", "new")
        self.file.write_text("old")
        self.serve()
        time.sleep(1)
        self.assertEqual(self.bench.ask("GET").status, 503)
        self.file.unlink()  # as it is while a secret is being replaced
        time.sleep(0.5)
        self.assertEqual(self.bench.ask("GET").status, 503)
        self.file.write_text("new")
        self.bench.await_answer(404, "an answer with the new password", 15)
        self.assertEqual(len(self.bench.await_log_lines(1, "WRONGPASS")), 1, self.bench.log("worker"))

    def test_no_password_where_one_is_asked_for(self) -> None:
        self.bench.start_redis("--requirepass", "secret")
        self.bench.serve("--threads", "1")
        wait_until(lambda: self.bench.log_lines("NOAUTH"), "NOAUTH is told", 10)
        time.sleep(1)
        self.assertEqual(self.bench.ask("GET").status, 503)
        self.assertEqual(len(self.bench.await_log_lines(1, "NOAUTH")), 1, self.bench.log("worker"))

    def test_a_long_password_works_or_is_refused_at_start(self) -> None:
        password = "p" * 5000
        self.bench.start_redis()
        self.bench.redis("ACL", "SETUSER", "app", "on", f">{password}", "~*", "+@all")
        self.file.write_text(password)
        try:
            self.serve(f"unix://app:@{self.bench.socket('redis')}")
        except RuntimeError as error:
            self.assertIn("PASSWORD_FILE", str(error))
            return
        self.bench.await_answer(404, seconds=10)

    def test_too_many_clients(self) -> None:
        self.bench.start_redis("--maxclients", "3")
        clients = []
        for _ in range(3):
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(self.bench.socket("redis")))
            client.sendall(resp.encoded(("PING",)))
            client.recv(16)
            clients.append(client)
            self.addCleanup(client.close)
        self.bench.serve("--threads", "1")
        wait_until(lambda: self.bench.log_lines("max") and self.bench.log_lines("clients"), "it is told", 10)
        time.sleep(2)  # in which it is tried again
        self.assertEqual(self.bench.ask("GET").status, 503)
        self.assertEqual(self.bench.readiness(), "unavailable")
        self.assertEqual(len(self.bench.await_log_lines(1, "max")), 1, self.bench.log("worker"))
        for client in clients:
            client.close()
        self.bench.await_answer(404, "an answer once there is room", 10)
