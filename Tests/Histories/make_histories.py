"""Makes histories under faults, and looks for an order that explains each.

    make_histories.py [--mode single|sentinel|cluster] [--seed SEED] [--histories N] [--seconds N] [--without-nginx]

Two clients go straight to the two workers, two through nginx, and all share a state. A seed gives the same requests and
the same faults again, though not the same moments. What fits no order is printed and kept in .build-histories.

With sentinels and in a cluster, workers wait for all replicas; `--wait-for 0` shows what becomes of saves otherwise. Only
root can part the network: others make all other faults.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import network
from clients import Client, Direct, ThroughNginx, Way
from failovers import SentinelFaults, SentinelStand
from faults import Faults
from lost import allowing_for
from programs import TOP
from register import Outcome, Request
from reshardings import ClusterFaults, ClusterStand
from search import TooLong, order_of
from single import SingleFaults, SingleStand
from stand import STALE, WORKERS, Stand

MODES = {
    "single": (SingleStand, SingleFaults),
    "sentinel": (SentinelStand, SentinelFaults),
    "cluster": (ClusterStand, ClusterFaults),
}

AT_A_TIME = 5
REQUESTS = 6  # of each client


class Making:
    """Histories, some at a time, until there are enough of them."""

    def __init__(self, stand: Stand, seed: str, count: int, end: float) -> None:
        self._stand, self._seed, self._count, self._end = stand, seed, count, end
        self._next = 0
        self._lock = threading.Lock()
        self.histories: dict[int, list[Request]] = {}
        self.errors: list[str] = []
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(AT_A_TIME)]
        for thread in self._threads:
            thread.start()

    @property
    def is_going_on(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while time.monotonic() < self._end:
            with self._lock:
                number = self._next
                self._next += 1
            if number >= self._count:
                return
            try:
                self.histories[number] = self._make(number)
            except Exception as error:  # noqa: BLE001  told at the end, as a failure
                self.errors.append(f"history {number}: {error!r}")

    def _make(self, number: int) -> list[Request]:
        user = f"h{number}"
        ways, pause = self._ways(number), self._stand.pause
        clients = [Client(name, user, way, self._seed, pause) for name, way in ways.items()]
        threads = [threading.Thread(target=client.run, args=(REQUESTS,), daemon=True) for client in clients]
        self._stand.users.add(user)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._stand.users.discard(user)
        last = Client("z", user, Direct(self._stand.socket("worker-1")), self._seed)
        for _ in range(200):
            if last.read().outcome is not Outcome.NOT_DONE:
                break
            time.sleep(0.05)
        last.way.close()
        return [request for client in [*clients, last] for request in client.requests]

    def _ways(self, number: int) -> dict[str, Way]:
        ways: dict[str, Way] = {f"w{worker}-": Direct(self._stand.socket(f"worker-{worker}")) for worker in WORKERS}
        for index in (1, 2):
            if self._stand.port:
                drawn = random.Random(f"{self._seed} {number} {index}")
                address = f"127.{drawn.randint(1, 254)}.{drawn.randint(0, 255)}.{drawn.randint(1, 254)}"
                ways[f"n{index}-"] = ThroughNginx(self._stand.port, address)
            else:
                ways[f"d{index}-"] = Direct(self._stand.socket(f"worker-{index}"))
        return ways


def judge(history: list[Request]) -> str:
    try:
        return "right" if order_of(history) is not None else "WRONG"
    except TooLong:
        return "undecided"


def told(history: list[Request]) -> str:
    """A history for people: each request a line."""
    begin = min(request.sent for request in history)
    lines = []
    for r in sorted(history, key=lambda request: request.sent):
        names = ("if_match", "if_none_match", "tag", "seen_version")
        words = [f"{name}={value}" for name in names if (value := getattr(r, name))]
        words += [f"version={r.version} state={r.state[:12]}"] if r.state else []
        words += [f"seen={r.seen[0]} {r.seen[1][:12]}"] if r.seen else []
        times = f"{(r.sent - begin) * 1000:8.1f} {(r.answered - begin) * 1000:8.1f}"
        lines.append(f"{times}  {r.client:4} {r.kind.value:6} {r.outcome.value:12} {' '.join(words)}")
    return "\n".join(lines)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    arguments.add_argument("--histories", type=int, default=10**9)
    arguments.add_argument("--seconds", type=float, default=45)
    arguments.add_argument("--without-nginx", action="store_true")
    arguments.add_argument("--mode", choices=list(MODES), default="single")
    arguments.add_argument("--wait-for", type=int, metavar="REPLICAS", help="default: all")
    options = arguments.parse_args()
    make_stand, make_faults = MODES[options.mode]
    if make_stand.replaces_masters and network.can_enter():
        network.enter(sys.argv)
    print(f"{options.mode}, seed {options.seed}", flush=True)
    with make_stand(
        options.seed, with_nginx=not options.without_nginx, replicas_waited_for=options.wait_for
    ) as stand:  # fmt: skip
        making = Making(stand, options.seed, options.histories, time.monotonic() + options.seconds)
        faults = make_faults(stand, options.seed)
        while making.is_going_on:
            faults.one()
    return report(making, faults, options.seed, stand)


def report(making: Making, faults: Faults, seed: str, stand: Stand) -> int:
    numbers = sorted(making.histories)
    windows = stand.windows if stand.replaces_masters else []
    judged = (allowing_for(windows, making.histories[number], STALE) for number in numbers)
    with ProcessPoolExecutor(2) as pool:
        verdicts = dict(zip(numbers, pool.map(judge, judged, chunksize=8)))
    counts = Counter(verdicts.values())
    outcomes = Counter(request.outcome.value for history in making.histories.values() for request in history)
    folder = Path(TOP / ".build-histories")
    folder.mkdir(exist_ok=True)
    for number, verdict in verdicts.items():
        if verdict != "right":
            path = folder / f"{seed}-{number}-{verdict.lower()}.txt"
            path.write_text(told(making.histories[number]) + "\n")
            print(f"history {number} is {verdict}: {path.relative_to(TOP)}")
    for error in making.errors[:20]:
        print(error)
    print("faults:", ", ".join(f"{name} {count}" for name, count in faults.counts.most_common()))
    print("requests:", ", ".join(f"{name} {count}" for name, count in outcomes.most_common()))
    wrong = len(numbers) - counts["right"]
    print(f"{counts['right']} histories fit an order, {wrong} do not, {len(making.errors)} broke off; seed {seed}")
    return 1 if wrong or making.errors or not numbers else 0


if __name__ == "__main__":
    sys.exit(main())
