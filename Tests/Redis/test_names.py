"""Host names: look-ups that take long or fail, and names with several addresses."""

from __future__ import annotations

import socket
import threading
import time
import unittest
from pathlib import Path

from cases import together
from namespaces import in_namespaces
from programs import free_port, is_listening, wait_until
from workbench import Workbench

HOSTS = "127.0.0.1 localhost\n"
KNOWN = HOSTS + "127.0.0.1 redis.internal\n"
FILES_FIRST = "hosts: files dns\n"


def name_server(address: str, answer: bool) -> None:
    """One that knows a single address for every name, or that is silent."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((address, 53))

    def serve() -> None:
        while True:
            query, client = listener.recvfrom(1500)
            end = 12
            while query[end]:
                end += query[end] + 1
            question = query[12 : end + 5]
            is_ipv4 = query[end + 1 : end + 3] == b"\0\1"
            record = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton("127.0.0.1") if is_ipv4 else b""
            count = b"\0\1" if is_ipv4 else b"\0\0"
            if answer:
                listener.sendto(query[:2] + b"\x81\x80\0\1" + count + b"\0\0\0\0" + question + record, client)

    threading.Thread(target=serve, daemon=True).start()


class Names(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)
        self.port = free_port()

    def serve(self, host: str, name: str = "worker", **environment: str) -> None:
        self.bench.serve("--threads", "1", name=name, url=f"redis://{host}:{self.port}", environment=environment)


class SilentNameServer(Names):
    seconds = 20

    @in_namespaces(resolv_conf="nameserver 127.0.0.53\n", nsswitch_conf=FILES_FIRST, hosts=KNOWN)
    def test_a_look_up_holds_nobody_up(self) -> None:
        name_server("127.0.0.53", answer=False)
        self.bench.start_redis(port=self.port)
        self.serve("redis.internal")
        self.bench.await_answer(404)
        time.sleep(0.7)
        Path("/etc/hosts").write_text(HOSTS)  # from now on the name needs the name server
        self.bench.kill("redis")
        longest = {"/healthz": 0.0, "/api/dashboard/state": 0.0}

        def ask(path: str, at: float) -> None:
            time.sleep(at)
            began = time.monotonic()
            status = self.bench.ask("GET", path=path).status
            longest[path] = max(longest[path], time.monotonic() - began)
            self.assertEqual(status, 200 if path == "/healthz" else 503)

        together(*(lambda p=path, i=i: ask(p, i / 2) for i in range(16) for path in longest))
        # The name server is given up after 10 s; Redis has 2 s.
        self.assertLess(max(longest.values()), 5, longest)
        self.assertLess(longest["/healthz"], 2)
        self.bench.start_redis(port=self.port)
        Path("/etc/hosts").write_text(KNOWN)
        self.bench.await_answer(404, "an answer once the name is known again", 40)


class DeadNameServer(Names):
    seconds = 20

    @in_namespaces(
        resolv_conf="nameserver 127.0.0.53\nnameserver 127.0.0.54\noptions timeout:2\n", nsswitch_conf="hosts: dns\n"
    )
    def test_a_look_up_may_take_longer_than_the_time_out(self) -> None:
        name_server("127.0.0.53", answer=False)
        name_server("127.0.0.54", answer=True)
        self.bench.start_redis(port=self.port)
        self.serve("redis.internal", REDIS_TIMEOUT="1000")
        self.bench.await_answer(404, "a connection", 30)


class SeveralAddresses(Names):
    seconds = 10

    @in_namespaces(
        hosts=HOSTS + "::1 localhost\n127.0.0.9 redis.internal\n127.0.0.8 redis.internal\n127.0.0.1 redis.internal\n",
        nsswitch_conf="hosts: files\n", host_conf="multi on\n",
    )  # fmt: skip
    def test_every_address_is_tried(self) -> None:
        self.bench.start_redis(port=self.port)
        for host in ("localhost", "redis.internal"):
            with self.subTest(host):
                self.serve(host, name=host)
                self.bench.await_answer(404, f"an answer by {host}", 10, name=host)
        # After a restart of Redis as well, from whichever address the link had.
        self.bench.kill("redis")
        wait_until(lambda: not is_listening(self.port), "Redis is gone")
        self.bench.start_redis(port=self.port)
        for host in ("localhost", "redis.internal"):
            self.bench.await_answer(404, f"an answer by {host}", 10, name=host)

    @in_namespaces(
        hosts=HOSTS + "::1 redis.internal\n127.0.0.1 redis.internal\n",
        nsswitch_conf="hosts: files\n", host_conf="multi on\n",
    )  # fmt: skip
    def test_an_address_that_swallows_everything_is_not_the_last_one(self) -> None:
        # A listener whose queue is full is as silent as a host that is gone.
        full = socket.create_server(("::1", self.port), family=socket.AF_INET6, backlog=0)
        self.addCleanup(full.close)
        for _ in range(3):
            waiting = socket.socket(socket.AF_INET6)
            waiting.setblocking(False)
            waiting.connect_ex(("::1", self.port))
            self.addCleanup(waiting.close)
        self.bench.start_redis(port=self.port)
        self.serve("redis.internal")
        self.bench.await_answer(404, "an answer", 20)


class UnknownNames(Names):
    @in_namespaces(hosts=HOSTS, nsswitch_conf="hosts: files\n")
    def test_a_name_that_comes_to_be_known(self) -> None:
        self.bench.start_redis(port=self.port)
        self.serve("redis.internal")
        time.sleep(1)
        self.assertEqual(self.bench.ask("GET").status, 503)
        self.assertTrue(self.bench.await_log_lines(1, "cannot be used"), self.bench.log("worker"))
        Path("/etc/hosts").write_text(KNOWN)
        self.bench.await_answer(404, "an answer once the name is known", 20)
