"""One request's trouble stays its own: slow links, poison, cuts, late answers, and memory after outages."""

from __future__ import annotations

import signal
import time
import unittest
from collections import Counter

from cases import Readers, together
from fastcgi import Answer, Connection
from peers import Pair, Proxy
from programs import free_port, wait_until
from workbench import Workbench, document, key


def read(connection: Connection, number: int, _: int) -> Answer:
    return connection.ask("GET", user=f"u{number}")


def read_and_save(connection: Connection, number: int, turn: int) -> Answer:
    if turn % 2:
        return read(connection, number, turn)
    return connection.ask("POST", document(turn, {"u": number}), user=f"u{number}")


class Trouble(unittest.TestCase):
    redis_options: tuple[object, ...] = ()
    timeout = 2000
    others = 4

    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)
        self.bench.start_redis(*self.redis_options)
        self.proxy = Proxy(self.bench.socket("proxy"), self.bench.socket("redis"))
        self.addCleanup(self.proxy.close)
        self.bench.serve(
            "--threads", "1", "--redis-timeout", self.timeout, url=f"unix://{self.bench.socket('proxy')}"
        )
        self.bench.await_answer(404)
        for number in range(self.others):
            self.bench.post(1, {"u": number}, user=f"u{number}")
        time.sleep(0.7)  # a connection that has proven itself

    def expect_few_failures(self, statuses: Counter[int], share: float) -> None:
        total = sum(statuses.values())
        self.assertGreater(total, 100, statuses)
        self.assertEqual(set(statuses) - {200, 503}, set(), statuses)
        self.assertLessEqual(statuses[503], total * share, statuses)


class SlowLink(Trouble):
    seconds = 20

    def test_a_large_save_takes_its_time_and_nobody_else_s(self) -> None:
        def up(data: bytes, _: Pair) -> bytes:
            time.sleep(len(data) / 300_000)
            return data

        self.proxy.up = up
        readers = Readers(self.bench, self.others, read)
        for version in (2, 3):
            answer = self.bench.post(version, {"x": "y" * 1_000_000}, user="big")
            self.assertEqual(answer.status, 200, answer)
        self.expect_few_failures(readers.stop(), 0)
        self.assertEqual(self.bench.ask("GET", user="big").json["version"], 3)


class Poison(Trouble):
    """A save of which Redis hangs up: a body just under the limit is over 1 MiB as a document."""

    seconds = 12
    redis_options = ("--proto-max-bulk-len", "1mb")

    def test_a_save_that_redis_hangs_up_on_fails_alone(self) -> None:
        readers = Readers(self.bench, self.others, read)
        for _ in range(5):
            answer = self.bench.ask("POST", document(2, {"x": "y" * (1048576 - 40)}), user="big")
            self.assertEqual(answer.status, 503, answer)
            time.sleep(0.5)
        self.expect_few_failures(readers.stop(), 0)
        self.assertEqual(self.bench.ask("GET", user="big").status, 404)

    def test_a_read_that_ends_connections_fails_alone(self) -> None:
        poison = key("poison").encode()

        def up(data: bytes, pair: Pair) -> bytes | None:
            before, found, _ = data.partition(b"*2\r\n$3\r\nGET\r\n$%d\r\n%s" % (len(poison), poison))
            if found:
                # What came before is answered, as by a Redis that dies of this command.
                pair.server.sendall(before)
                time.sleep(0.02)
                pair.cut()
                return None
            return data

        self.proxy.up = up
        readers = Readers(self.bench, self.others, read)
        for _ in range(5):
            self.assertEqual(self.bench.ask("GET", user="poison").status, 503)
            time.sleep(0.5)
        self.expect_few_failures(readers.stop(), 0)


class Cuts(Trouble):
    seconds = 8

    def test_others_are_served_as_soon_as_a_connection_works(self) -> None:
        readers = Readers(self.bench, self.others, read_and_save)
        for _ in range(25):
            time.sleep(0.2)
            self.proxy.cut()
        # Each cut costs the saves that were written, and no more; where others load the machine, those are the more.
        self.expect_few_failures(readers.stop(), 0.25)

    def test_reads_are_not_lost_to_cuts(self) -> None:
        readers = Readers(self.bench, self.others, read)
        for _ in range(25):
            time.sleep(0.2)
            self.proxy.cut()
        self.expect_few_failures(readers.stop(), 0.1)


class LateAnswers(Trouble):
    """Connections that come to answer later than the time-out, one after the other; new ones work at once."""

    seconds = 10
    timeout = 200

    def test_late_answers_cost_what_they_meet(self) -> None:
        late: set[int] = set()
        last = [time.monotonic()]

        def down(data: bytes, pair: Pair) -> bytes:
            now = time.monotonic()
            if pair.number not in late and now - last[0] > 0.5:
                last[0] = now
                late.add(pair.number)
            if pair.number in late:
                time.sleep(0.5)
            return data

        self.proxy.down = down
        readers = Readers(self.bench, self.others, read_and_save)
        time.sleep(6)
        self.expect_few_failures(readers.stop(), 0.3)
        self.assertGreater(len(late), 5)


class Memory(Trouble):
    """What an outage has piled up goes back to the system."""

    seconds = 25
    others = 0

    def test_memory_goes_back(self) -> None:
        together(*(lambda i=i: self.save(i) for i in range(20)))
        before = self.bench.resident_kilobytes()
        self.bench.signal("redis", signal.SIGSTOP)
        self.addCleanup(self.bench.signal, "redis", signal.SIGCONT)
        answers = together(*(lambda i=i: self.save(i) for i in range(150)))
        self.assertEqual(set(answers), {503})
        self.bench.signal("redis", signal.SIGCONT)
        self.bench.await_answer(404)
        together(*(lambda i=i: self.save(i) for i in range(20)))
        try:
            wait_until(lambda: self.bench.resident_kilobytes() < before + 30_000, "memory goes back", 15)
        except TimeoutError:
            self.fail(f"{before} kB before, {self.bench.resident_kilobytes()} kB after")

    def save(self, number: int) -> int:
        # Whoever is refused while sending has been answered too.
        return self.bench.ask("POST", document(1, {"x": "y" * 900_000}), user=f"m{number}").status


class StandingStill(unittest.TestCase):
    """A server that takes what is sent, and answers nothing."""

    seconds = 10
    timeout = 500

    def test_a_stream_of_requests_does_not_keep_it_in_use(self) -> None:
        bench = Workbench()
        self.addCleanup(bench.stop)
        bench.start_redis(port=(port := free_port()))
        bench.serve("--threads", "1", "--redis-timeout", self.timeout, url=f"redis://127.0.0.1:{port}")
        bench.await_answer(404)
        bench.signal("redis", signal.SIGSTOP)
        self.addCleanup(bench.signal, "redis", signal.SIGCONT)
        slowest, statuses = 0.0, set()

        def ask(number: int) -> None:
            nonlocal slowest
            time.sleep(number * 0.005)
            began = time.monotonic()
            answer = bench.ask("GET", user=f"u{number}") if number % 2 else bench.post(1, {}, user=f"u{number}")
            slowest = max(slowest, time.monotonic() - began)
            statuses.add(answer.status)

        together(*(lambda number=number: ask(number) for number in range(600)))
        self.assertEqual(statuses, {503})
        self.assertLess(slowest, self.timeout / 1000 * 2.5)


class Restarts(Trouble):
    """Redis goes away and comes back: requests are answered at once meanwhile, and served soon after."""

    seconds = 8

    def test_redis_is_found_again(self) -> None:
        for number in (signal.SIGKILL, signal.SIGTERM):
            self.bench.signal("redis", number)
            self.bench.await_answer(503)
            began = time.monotonic()
            for _ in range(100):
                self.assertEqual(self.bench.ask("GET").status, 503)
            self.assertLess(time.monotonic() - began, 20)
            self.bench.kill("redis")
            self.bench.start_redis()
            self.bench.await_answer(404, "an answer once Redis is back", 15)
