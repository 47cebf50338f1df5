"""Replies that a command cannot have, errors of all kinds, and replies that are none: by a Redis that is scripted."""

from __future__ import annotations

import time
import unittest
from collections.abc import Callable

from fastcgi import Answer
from peers import Close, ScriptedRedis, bulk, hello, usual
from programs import wait_until
from workbench import Workbench, document

DOCUMENT = b'{"version":7,"lastModified":"2026-11-01T00:00:00.000Z","etag":"AAAAAAAAAAAAAAAAAAAAAA","state":{"a":1}}'
ERRORS = (
    b"-ERR something", b"-LOADING Redis is loading the dataset in memory", b"-BUSY Redis is busy running a script",
    b"-NOPERM no permissions", b"-NOAUTH Authentication required.", b"-MASTERDOWN Link with MASTER is down",
    b"-CLUSTERDOWN Hash slot not served", b"-MOVED 1 127.0.0.1:1", b"-TRYAGAIN try again", b"-ERR", b"-",
)  # fmt: skip
WRONG_FOR_A_READ = (b"+OK", b":1", b"*0", b"*1\r\n:1", b"%1\r\n+a\r\n:1", b"#t", b",1.5", b"(12345", b"~1\r\n:1")
# Nothing that the name of a temporary folder can hold by chance.
PASSWORD = "the-secret-of-redis"
UNKNOWN = b"-ERR unknown command\r\n"
WRITES = (b"EVALSHA", b"EVAL", b"DEL", b"FCALL", b"UNLINK")


class WrongReplies(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)
        self.answers: dict[bytes, bytes] = {}
        self.redis = ScriptedRedis(self.bench.socket("redis"), self._answer)
        self.addCleanup(self.redis.close)
        self.bench.serve("--threads", "1")
        self.bench.await_answer(404)

    def _answer(self, command: list[bytes]) -> bytes | None:
        if command[0] in self.answers:
            return self.answers[command[0]] + b"\r\n"
        if command[0] in (b"SCRIPT", b"FUNCTION"):
            return bulk(b"0" * 40)
        return usual(command) or b"$-1\r\n"

    def check(self, answer: Answer, status: int, *problems: str) -> None:
        self.assertEqual(answer.status, status, answer)
        self.assertIn(answer.problem, problems, answer)

    def expect_a_new_connection(self, ask: Callable[[], Answer]) -> Answer:
        """The connection ends with the answer, since the next reply may be another request's."""
        self.bench.await_answer(404)
        current = max(number for number, _ in self.redis.seen)
        answer = ask()
        wait_until(lambda: current in self.redis.ended, "the end of the connection", 3)
        return answer

    def test_reads(self) -> None:
        for reply, status in ((bulk(DOCUMENT)[:-2], 200), (b"$-1", 404), (b"_", 404)):
            self.answers = {b"GET": reply}
            self.assertEqual(self.bench.ask("GET").status, status, reply)
        self.answers = {b"GET": b"-WRONGTYPE Operation against a key holding the wrong kind of value"}
        self.check(self.bench.ask("GET"), 404, "nothing-stored")

    def test_errors_are_never_nothing_stored(self) -> None:
        for error in ERRORS:
            with self.subTest(error):
                self.answers = {name: error for name in (b"GET", *WRITES)}
                self.check(self.bench.ask("GET"), 503, "storage-unavailable")
                for ask in (
                    lambda: self.bench.post(1, {}),
                    lambda: self.bench.post(1, {}, if_match="*"),
                    lambda: self.bench.ask("DELETE"),
                    lambda: self.bench.ask("DELETE", if_match="*"),
                ):
                    self.check(ask(), 503, "storage-unavailable", "outcome-unknown")
                self.answers = {}
                self.bench.await_answer(404)

    def test_wrong_kinds_for_a_read(self) -> None:
        for reply in WRONG_FOR_A_READ:
            with self.subTest(reply):

                def ask(reply: bytes = reply) -> Answer:
                    self.answers = {b"GET": reply}
                    answer = self.bench.ask("GET")
                    self.answers = {}
                    return answer

                self.check(self.expect_a_new_connection(ask), 503, "storage-unavailable")

    def test_wrong_kinds_for_a_write(self) -> None:
        writes = {
            "POST": lambda: self.bench.post(1, {"a": 1}),
            "POST If-Match": lambda: self.bench.post(1, {"a": 1}, if_match="*"),
            "POST large": lambda: self.bench.post(1, {"a": "x" * 5000}),
            "DELETE": lambda: self.bench.ask("DELETE"),
            "DELETE If-Match": lambda: self.bench.ask("DELETE", if_match="*"),
        }
        self.answers = {b"SET": b"+OK"}
        # An integer is what DEL answers; a text what scripts do.
        for reply in (b"$-1", b"*0", b"$5\r\nwhat?", b"$0\r\n", b"%1\r\n+a\r\n:1"):
            for name, write in writes.items():
                with self.subTest(name, reply=reply):

                    def ask(reply: bytes = reply, write: Callable[[], Answer] = write) -> Answer:
                        self.answers |= dict.fromkeys(WRITES, reply)
                        answer = write()
                        self.answers = {b"SET": b"+OK"}
                        return answer

                    self.check(self.expect_a_new_connection(ask), 503, "outcome-unknown")

    def test_bytes_that_are_no_reply(self) -> None:
        for reply in (b"HTTP/1.1 400 Bad Request", b"$99999999999999", b":x", b"$-7", b"\0\0\0\0"):
            with self.subTest(reply):

                def ask(reply: bytes = reply) -> Answer:
                    self.answers = {b"GET": reply}
                    answer = self.bench.ask("GET")
                    self.answers = {}
                    return answer

                self.check(self.expect_a_new_connection(ask), 503, "storage-unavailable")

    def test_a_document_that_is_none_is_no_answer_to_hand_on(self) -> None:
        for stored in (b"", b"{", b"[]", b"hello", DOCUMENT[:-1], b'{"version":"7","state":{}}'):
            self.answers = {b"GET": bulk(stored)[:-2]}
            self.check(self.bench.ask("GET"), 404, "nothing-stored")

    def test_a_server_that_says_nothing(self) -> None:
        self.redis.script = lambda command: None
        self.assertEqual(self.bench.ask("GET").status, 503)
        began = time.monotonic()
        # While it is known to be away, nobody waits.
        for _ in range(20):
            self.assertEqual(self.bench.ask("GET").status, 503)
            self.check(self.bench.ask("POST", document(1, {})), 503, "storage-unavailable")
        self.assertLess(time.monotonic() - began, 20)


class Greetings(unittest.TestCase):
    """Servers and proxies that do not know HELLO, each in its own words."""

    seconds = 20

    def serve(self, answer_to_hello: bytes | None, url: str = "", role: bytes | None = UNKNOWN) -> Workbench:
        bench = Workbench()
        self.addCleanup(bench.stop)
        self.cuts: list[int] = []

        def script(command: list[bytes]) -> bytes | None:
            if command[0] == b"HELLO":
                if answer_to_hello is None:
                    raise Close
                return answer_to_hello + b"\r\n"
            if command[0] == b"ROLE":
                if role is None:
                    raise Close
                return role
            if command[0] == b"GET" and self.cuts:
                self.cuts.pop()
                raise Close
            return usual(command) or b"$-1\r\n"

        self.redis = ScriptedRedis(bench.socket("redis"), script)
        self.addCleanup(self.redis.close)
        bench.serve("--threads", "1", url=f"unix://{url}{bench.socket('redis')}")
        return bench

    def commands(self) -> set[bytes]:
        return {command[0] for _, command in self.redis.seen}

    def test_servers_without_hello(self) -> None:
        for name, answer in {
            "Redis 5": b"-ERR unknown command `HELLO`, with args beginning with: `3`, ",
            "Redis 5, short": b"-ERR unknown command 'HELLO'",
            "another protocol": b"-NOPROTO unsupported protocol version",
            "Envoy": b"-unsupported command 'HELLO'",
            "Codis": b"-ERR handle request, command 'HELLO' is not allowed",
            "a proxy": b"-ERR Syntax error",
            "twemproxy": None,
        }.items():
            with self.subTest(name):
                bench = self.serve(answer)
                bench.await_answer(404, f"{name}: an answer", 15)
                self.assertEqual(bench.post(1, {}).status, 503)  # it answers nil to scripts
                self.assertNotIn(b"AUTH", self.commands())

    def test_servers_without_hello_that_want_a_password(self) -> None:
        for name, answer in {
            "Redis 5": b"-NOAUTH Authentication required.",
            "Redis 5, unknown": b"-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `" + PASSWORD.encode() + b"`, ",
            "Envoy": b"-NOAUTH Authentication required.",
            "Envoy, unsupported": b"-unsupported command 'HELLO'",
            "twemproxy": None,
        }.items():
            with self.subTest(name):
                bench = self.serve(answer, f":{PASSWORD}@")
                bench.await_answer(404, f"{name}: an answer", 15)
                self.assertIn([b"AUTH", PASSWORD.encode()], [command for _, command in self.redis.seen])
                self.assertEqual(bench.log_lines(PASSWORD), [])

    def test_who_cannot_say_its_role_is_a_master_with_a_warning(self) -> None:
        bench = self.serve(b"-ERR unknown command 'HELLO'")
        bench.await_answer(404)
        wait_until(lambda: len(bench.log_lines("warning", "master")) == 1, "a warning", 10)

    def test_a_user_who_may_not_ask_for_the_role_where_hello_is_not_known(self) -> None:
        bench = self.serve(UNKNOWN[:-2], role=b"-NOPERM this user has no permissions to run the 'role' command\r\n")
        bench.await_answer(404, seconds=10)
        self.assertLess(len(self.redis.seen), 50, "asked in a loop")
        wait_until(lambda: len(bench.log_lines("warning", "master")) == 1, "a warning", 10)

    def test_who_hangs_up_over_a_question_is_found_again(self) -> None:
        master = b"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
        for name, role in {"HELLO": master, "HELLO and ROLE": None}.items():
            with self.subTest(name):
                bench = self.serve(None, role=role)
                bench.await_answer(404, seconds=15)
                time.sleep(0.7)  # a connection that has proven itself
                self.cuts = [1]
                self.assertEqual(bench.ask("GET").status, 404)
                self.assertEqual(self.cuts, [])
                self.assertEqual(len(bench.log_lines("warning", "master")), role is None)

    def test_replicas_without_hello(self) -> None:
        replica = b"*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$7\r\nconnect\r\n:-1\r\n"
        bench = self.serve(b"-ERR unknown command 'HELLO'", role=replica)
        time.sleep(1)
        self.assertEqual(bench.ask("GET").status, 503)
        self.assertTrue(bench.await_log_lines(1, "replica"))

    def test_replicas_that_say_so_in_hello(self) -> None:
        for role in ("replica", "slave"):
            bench = self.serve(hello(role)[:-2])
            time.sleep(0.5)
            self.assertEqual(bench.ask("GET").status, 503)
            self.assertTrue(bench.await_log_lines(1, "replica"))

    def test_refusals_that_are_told(self) -> None:
        for answer, word in {
            b"-WRONGPASS invalid username-password pair or user is disabled.": "WRONGPASS",
            b"-LOADING Redis is loading the dataset in memory": "LOADING",
            b"-ERR max number of clients reached": "max",
            b"-DENIED Redis is running in protected mode": "DENIED",
        }.items():
            with self.subTest(word):
                bench = self.serve(answer, f":{PASSWORD}@")
                time.sleep(1)
                self.assertEqual(bench.ask("GET").status, 503)
                self.assertEqual(len(bench.await_log_lines(1, "cannot be used", word)), 1, bench.log("worker"))
