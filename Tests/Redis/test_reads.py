"""A read only reads; the time to live is renewed behind it."""

from __future__ import annotations

import contextlib
import datetime
import re
import socket
import time
import unittest
from collections.abc import Iterator

import resp
from cases import LARGE, TTL, Checks, on_every_server
from peers import Proxy
from programs import wait_until
from workbench import KEY, Workbench, key


def stored_document(age_in_seconds: float | None) -> str:
    """A document of the service's own form, or of other software's without a time."""
    if age_in_seconds is None:
        return '{"state":{"a":1},"version":3}'
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age_in_seconds)
    at = then.strftime("%Y-%m-%dT%H:%M:%S.") + f"{then.microsecond // 1000:03}Z"
    return f'{{"version":3,"lastModified":"{at}","etag":"AAAAAAAAAAAAAAAAAAAAAA","state":{{"a":1}}}}'


@contextlib.contextmanager
def monitored(bench: Workbench) -> Iterator[list[list[str]]]:
    """What clients ask of Redis meanwhile, beside what keeps an eye on the server; complete at the end."""
    commands: list[list[str]] = []
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(bench.socket("redis")))
        connection.sendall(resp.encoded(("MONITOR",)))
        stream = connection.makefile("rb")
        stream.readline()
        yield commands
        time.sleep(0.3)  # what nobody waits for
        bench.redis("ECHO", "the end")
        while b"the end" not in (line := stream.readline()):
            # 1700000000.000000 [0 unix:/…] "GET" "a key"
            words = re.findall(r'"([^"]*)"', line.decode())
            words[0] = words[0].upper()
            if words[0] not in ("ROLE", "PING", "HELLO", "TIME", "INFO", "CLIENT", "SELECT", "MONITOR"):
                commands.append(words)


class Reads(Checks):
    def asked_by_a_read(self, age_in_seconds: float | None, seconds_left: int) -> list[str]:
        self.bench.redis("SET", KEY, stored_document(age_in_seconds), "EX", seconds_left)
        self.expect(self.bench.ask("GET"), 200)
        with monitored(self.bench) as commands:
            self.expect(self.bench.ask("GET"), 200)
        self.assertEqual({command[1] for command in commands}, {KEY})
        # What the read before is followed by may come behind it.
        names = [command[0] for command in commands]
        names = names[names.index("GET") :]
        return ["TTL" if name == "PTTL" else name for name in names[1:]]


@on_every_server
class ReadsThatRenew(Reads):
    def test_a_young_document_is_only_read(self) -> None:
        self.assertEqual(self.asked_by_a_read(60, TTL // 2), [])
        self.assertEqual(self.asked_by_a_read(TTL / 10 - 3600, TTL // 2), [])
        self.assertEqual(self.bench.redis("TTL", KEY) // 10, TTL // 20)

    def test_an_old_document_is_asked_for_its_time_to_live(self) -> None:
        for age in (TTL / 10 + 3600, TTL, None, -86400):
            with self.subTest(age):
                self.assertEqual(self.asked_by_a_read(age, TTL - TTL // 20), ["TTL"])

    def test_it_is_renewed_where_little_is_left(self) -> None:
        for age in (TTL / 10 + 3600, None, -86400):
            for left in (TTL // 10 * 9 - 3600, 100):
                with self.subTest(age=age, left=left):
                    self.bench.redis("SET", KEY, stored_document(age), "EX", left)
                    self.expect(self.bench.ask("GET"), 200)
                    wait_until(lambda: self.bench.redis("TTL", KEY) > TTL - 60, "its time to live is renewed", 10)
        self.bench.redis("SET", KEY, stored_document(TTL), "EX", 100)
        with monitored(self.bench) as commands:
            self.expect(self.bench.ask("GET"), 200)
        self.assertIn([command[0] for command in commands], (["GET", "PTTL", "EXPIRE"], ["GET", "TTL", "EXPIRE"]))

    def test_a_304_and_a_head_renew_as_well(self) -> None:
        for method, fields in (("GET", {"if_none_match": '"AAAAAAAAAAAAAAAAAAAAAA"'}), ("HEAD", {})):
            self.bench.redis("SET", KEY, stored_document(TTL), "EX", 100)
            self.assertIn(self.bench.ask(method, **fields).status, (200, 304))
            wait_until(lambda: self.bench.redis("TTL", KEY) > TTL - 60, "its time to live is renewed", 10)

    def test_what_is_not_there_is_only_read(self) -> None:
        with monitored(self.bench) as commands:
            self.expect(self.bench.ask("GET"), 404, "nothing-stored")
        self.assertEqual(commands, [["GET", KEY]])


@on_every_server
class ReadsThatDoNotRenew(Reads):
    environment = {"REDIS_STATE_TTL_RENEW": "save"}

    def test_any_document_is_only_read(self) -> None:
        for age in (60, TTL, None, -86400):
            self.assertEqual(self.asked_by_a_read(age, 100), [])
        self.assertLessEqual(self.bench.redis("TTL", KEY), 100)

    def test_saves_renew(self) -> None:
        for state in ({"a": 1}, {"a": LARGE}):
            for version in (1, 1, 2):  # saved, unchanged, replaced
                self.bench.post(version, state, user="s")
                self.assertGreater(self.bench.redis("TTL", key("s")), TTL - 60)
                self.bench.redis("EXPIRE", key("s"), 100)
            self.bench.redis("DEL", key("s"))


class NobodyWaits(Checks, unittest.TestCase):
    """Neither a read nor the link depends on what the renewal is answered."""

    def test_nobody_waits_for_a_renewal(self) -> None:
        held: list[bytes] = []

        def up(data: bytes, _: object) -> bytes | None:
            """Holds whatever the renewal asks back, and all behind it on this connection."""
            if held or b"TTL\r\n" in data or b"EXPIRE\r\n" in data:
                held.append(data)
                return data.partition(b"*2\r\n$4\r\nPTTL")[0] if len(held) == 1 and b"GET\r\n" in data else None
            return data

        proxy = Proxy(self.bench.socket("proxy"), self.bench.socket("redis"), up)
        self.addCleanup(proxy.close)
        self.bench.serve("--threads", "1", name="behind", url=f"unix://{self.bench.socket('proxy')}")
        self.bench.await_answer(404, name="behind")
        self.bench.redis("SET", KEY, stored_document(TTL), "EX", 100)
        self.expect(self.bench.ask("GET", name="behind"), 200)
        wait_until(lambda: held, "the renewal is asked for", 10)

    def test_a_renewal_that_is_refused_harms_nobody(self) -> None:
        self.bench.redis("SET", KEY, stored_document(TTL), "EX", 100)
        self.bench.redis("CONFIG", "SET", "min-replicas-to-write", "1")
        self.addCleanup(self.bench.redis, "CONFIG", "SET", "min-replicas-to-write", "0")
        with self.bench.connect() as connection:
            for _ in range(50):
                self.expect(connection.ask("GET"), 200)
        self.assertEqual(self.bench.log_lines("lost"), [])
        self.assertLessEqual(len(self.bench.log_lines("NOREPLICAS")), 1)
