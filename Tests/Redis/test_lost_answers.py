"""Commands whose answers are lost: a write happens once or not at all, and before it is answered."""

from __future__ import annotations

import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path

from cases import LARGE, together
from fastcgi import Answer
from namespaces import in_namespaces
from peers import Pair, Proxy
from programs import free_port, wait_until
from workbench import Workbench


class LostAnswers(unittest.TestCase):
    """Redis carries the save of one client out; its answer is lost, and the connection is cut after somebody else has
    written. The worker must not send it again.
    """

    seconds = 12

    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)
        self.bench.start_redis()
        self.armed, self.written, self.gate = threading.Event(), threading.Event(), threading.Event()
        self.last = 10**9
        self.proxy = Proxy(self.bench.socket("proxy"), self.bench.socket("redis"), self._up, self._down)
        self.addCleanup(self.proxy.close)
        self.bench.serve("--threads", "1", name="one", url=f"unix://{self.bench.socket('proxy')}")
        self.bench.serve("--threads", "1", name="two")
        self.bench.await_answer(404, name="one")
        # Redis knows the scripts, or what it loses would be that it does not.
        self.bench.post(1, {}, name="one")
        self.bench.ask("DELETE", name="one", if_match="*")

    def _up(self, data: bytes, pair: Pair) -> bytes:
        if pair.number > self.last:
            self.gate.wait(10)  # the next connection takes a moment
        elif self.armed.is_set() and b"hyvve:" in data:
            self.written.set()
        return data

    def _down(self, data: bytes, pair: Pair) -> bytes | None:
        return None if self.written.is_set() and pair.number <= self.last else data

    def lose_the_answer_to(self, ask: Callable[[], Answer], meanwhile: Callable[[Answer], Answer]) -> Answer:
        """What the first client is told; `meanwhile` is what another does with what it reads."""
        time.sleep(0.7)  # a connection that has proven itself
        self.last = self.proxy.accepted
        self.gate.clear()
        self.written.clear()
        self.armed.set()
        before = self.bench.stored()
        first: list[Answer] = []
        thread = threading.Thread(target=lambda: first.append(ask()))
        thread.start()
        wait_until(lambda: self.bench.stored() != before, "Redis carries it out")
        acknowledged = meanwhile(self.bench.ask("GET", name="two"))
        self.assertEqual((acknowledged.status, acknowledged.json["success"]), (200, True))
        self.proxy.cut()
        self.gate.set()
        thread.join(20)
        self.armed.clear()
        self.written.clear()
        self.assertEqual((first[0].status, first[0].problem), (503, "outcome-unknown"), first[0])
        self.assertIn("retry-after", first[0].fields)
        return first[0]

    def save(self, version: int, name: str, **fields: str) -> Callable[[], Answer]:
        return lambda: self.bench.post(version, {"by": name}, name="one", **fields)

    def test_a_save_goes_over_no_other(self) -> None:
        self.save(5, "old")()
        self.lose_the_answer_to(
            self.save(5, "first"),
            lambda seen: self.bench.post(5, {"by": "second"}, name="two", if_match=seen.etag),
        )
        self.assertEqual(self.bench.ask("GET", name="two").json["state"], {"by": "second"})

    def test_a_save_brings_nothing_back(self) -> None:
        for state in ("first", LARGE):
            self.save(5, "old")()
            self.lose_the_answer_to(
                self.save(5, state), lambda seen: self.bench.ask("DELETE", name="two", if_match=seen.etag)
            )
            self.assertEqual(self.bench.ask("GET", name="two").status, 404)
            self.bench.await_answer(404, name="one")

    def test_a_save_whose_precondition_held_is_not_told_that_it_failed(self) -> None:
        tag = self.save(5, "old")().etag
        self.lose_the_answer_to(
            self.save(6, "first", if_match=tag), lambda seen: self.bench.post(7, {"by": "second"}, name="two")
        )
        self.assertEqual(self.bench.ask("GET", name="two").json["version"], 7)

    def test_a_delete_happens_once(self) -> None:
        for fields in ({}, {"if_match": "*"}):
            self.save(5, "old")()
            self.lose_the_answer_to(
                lambda: self.bench.ask("DELETE", name="one", **fields),
                lambda _: self.bench.post(1, {"by": "second"}, name="two"),
            )
            self.assertEqual(self.bench.ask("GET", name="two").json["state"], {"by": "second"})
            self.bench.await_answer(200, name="one")

    def test_a_read_goes_on_another_connection(self) -> None:
        self.save(5, "old")()
        time.sleep(0.7)
        self.last = self.proxy.accepted
        self.armed.set()
        self.gate.set()
        answers: list[Answer] = []
        thread = threading.Thread(target=lambda: answers.append(self.bench.ask("GET", name="one")))
        thread.start()
        self.assertTrue(self.written.wait(10))
        time.sleep(0.2)  # in which Redis answers
        self.proxy.cut()
        thread.join(20)
        self.assertEqual(answers[0].status, 200)


class HalfOpen(unittest.TestCase):
    """A NAT or a load balancer that forgets a connection without a word."""

    seconds = 8

    def test_a_silent_cut(self) -> None:
        with Workbench() as bench:
            bench.start_redis()
            dead: set[int] = set()
            proxy = Proxy(
                bench.socket("proxy"), bench.socket("redis"), lambda data, pair: None if pair.number in dead else data
            )
            self.addCleanup(proxy.close)
            bench.serve("--threads", "1", url=f"unix://{bench.socket('proxy')}")
            bench.await_answer(404)
            time.sleep(1)
            dead.add(proxy.accepted)

            def ask(number: int) -> tuple[int, float]:
                time.sleep(number * 0.4)
                began = time.monotonic()
                return bench.ask("GET").status, time.monotonic() - began

            answers = together(*(lambda i=i: ask(i) for i in range(12)))
            self.assertEqual({status for status, _ in answers} - {404, 503}, set(), answers)
            self.assertLess(max(seconds for _, seconds in answers), 6, answers)
            self.assertEqual({status for status, _ in answers[-4:]}, {404}, answers)

    def test_keep_alive_is_counted_in_seconds(self) -> None:
        with Workbench() as bench:
            port = free_port()
            bench.start_redis(port=port)
            bench.serve("--threads", "1", url=f"redis://127.0.0.1:{port}")
            bench.await_answer(404)
            # The file in /proc has the time until a timer ends in hundredths of a second; kind 2 is keep-alive.
            lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
            timers = [line[5] for line in lines if line[2].endswith(f":{port:04X}") and line[3] == "01"]
            self.assertTrue(timers)
            for timer in timers:
                kind, _, remaining = timer.partition(":")
                self.assertEqual(kind, "02", timers)
                self.assertLess(int(remaining, 16) / 100, 60)


class Partition(unittest.TestCase):
    """What a connection that was given up had not sent yet is gone with it."""

    seconds = 25

    def start(self, bench: Workbench) -> None:
        port = free_port()
        bench.start_redis(port=port)
        bench.serve("--threads", "1", url=f"redis://127.0.0.1:{port}")

    @in_namespaces()
    def test_nothing_comes_later(self) -> None:
        import subprocess

        def switch(state: str) -> None:
            subprocess.run(["ip", "link", "set", "lo", state], check=True, timeout=30)

        with Workbench() as bench:
            self.start(bench)
            users = {"save": "s", "large save": "l", "delete": "d", "conditional delete": "c"}
            bench.await_answer(404)
            for user in users.values():
                bench.post(1, {"by": "before"}, user=user)
            time.sleep(0.7)
            switch("down")
            answers = together(
                lambda: bench.post(2, {"by": "given up"}, user="s"),
                lambda: bench.post(2, {"by": "given up" + LARGE}, user="l"),
                lambda: bench.ask("DELETE", user="d"),
                lambda: bench.ask("DELETE", user="c", if_match="*"),
            )
            self.assertEqual({answer.status for answer in answers}, {503}, answers)
            # The kernel tries again after 0.2, 0.6, 1.4, 3, 6.2 and 12.6 s.
            time.sleep(2.5)
            switch("up")
            for user in users.values():
                wait_until(lambda: bench.post(2, {"by": "later"}, user=user).status == 200, "a save", 20)
            end = time.monotonic() + 11
            while time.monotonic() < end:
                for name, user in users.items():
                    self.assertIn('"later"', bench.stored(user) or "", f"the {name} came after it was given up")
                time.sleep(0.2)
