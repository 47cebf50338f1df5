"""What the tests here have in common."""

from __future__ import annotations

import sys
import threading
import time
import unittest
from collections import Counter
from collections.abc import Callable
from typing import Any

from fastcgi import Answer, Connection
from redis_servers import servers
from workbench import Workbench

LARGE = "x" * 5000  # a state with this is sent ahead of the script that decides
TTL = 2592000


def on_every_server(case: type) -> type:
    """Makes a test class one for each server; they have the server's name in theirs."""
    module = sys.modules[case.__module__]
    for name in servers():
        title = f"{case.__name__}_{name.replace('-', '_').replace('.', '_')}"
        # The base is no class of tests itself, so unittest does not run it alone.
        setattr(module, title, type(title, (case, unittest.TestCase), {"server": name, "__module__": case.__module__}))
    return case


class Checks:
    """A Redis of one kind and a worker for all tests of a class, and words for what is expected of answers."""

    server = "redis-7.0"
    redis_options: tuple[object, ...] = ()
    worker_options: tuple[object, ...] = ("--threads", "1")
    environment: dict[str, str] = {}
    bench: Workbench

    @classmethod
    def setUpClass(cls) -> None:
        cls.bench = Workbench()
        cls.addClassCleanup(cls.bench.stop)
        cls.bench.start_redis(*cls.redis_options, server=cls.server)
        cls.bench.serve(*cls.worker_options, environment=cls.environment)
        cls.bench.await_answer(404)

    def setUp(self) -> None:
        self.bench.redis("FLUSHALL")

    def expect(self, answer: Answer, status: int, problem: str = "") -> Answer:
        self.assertEqual((answer.status, answer.problem), (status, problem), answer)
        if status in (503, 507):
            self.assertIn("retry-after", answer.fields)
        return answer

    def expect_saved(self, answer: Answer, version: int, over: bool = False) -> Answer:
        expected = {"success": True, "serverVersion": version} | ({"conflictResolution": "client"} if over else {})
        self.assertEqual((answer.status, answer.json), (200, expected))
        self.assertRegex(answer.etag, r'^"[\w-]+"$')
        return answer

    def expect_refused(self, answer: Answer, version: int) -> Answer:
        answer_without_document = {name: value for name, value in answer.json.items() if name != "current"}
        expected = {"success": False, "serverVersion": version, "conflictResolution": "server"}
        self.assertEqual((answer.status, answer_without_document), (200, expected))
        return answer

    def expect_told(self, *words: str, name: str = "worker", times: int = 1) -> None:
        """Operators are told of a change, and not of every request that meets it."""
        told = [line for line in self.bench.await_log_lines(times, *words, name=name) if " info " not in line]
        self.assertEqual(len(told), times, f"told of {words}: {told}\n{self.bench.log(name)}")


class Readers:
    """Others, who read or save small states of their own all the time: how often each status came."""

    def __init__(self, bench: Workbench, count: int, ask: Callable[[Connection, int, int], Answer]) -> None:
        self.statuses: Counter[int] = Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(bench, ask, i), daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, bench: Workbench, ask: Callable[[Connection, int, int], Answer], number: int) -> None:
        turn = 0
        with bench.connect() as connection:
            while not self._stop.is_set():
                turn += 1
                try:
                    self.statuses[ask(connection, number, turn).status] += 1
                except OSError:
                    # The worker is gone, which is the test's business: it finds a status that is none.
                    self.statuses[0] += 1
                    return
                time.sleep(0.002)

    def stop(self) -> Counter[int]:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        return self.statuses


def together(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, made at the same time."""
    results: list[Any] = [None] * len(calls)

    def run(index: int) -> None:
        results[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results
