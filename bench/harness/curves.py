"""How cost grows: with the size of states, with connections, workers and identities."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .idle import IdleConnections
from .measure import Load, Workload, measure, median, memory
from .stack import Candidate, Stack

MIB = 1 << 20
LARGEST_BODY = 4 * MIB
OPTIONS = ["--log-level", "warning", "--max-body", str(LARGEST_BODY)]


@dataclass(frozen=True)
class Effort:
    """How much of each curve is measured."""

    quick: bool = False
    rounds: int = 3
    seconds: int = 1

    def pick(self, values: list[int], quick: int) -> list[int]:
        """A quick run takes one only."""
        return [quick] if self.quick else values


def _points(effort: Effort, points: Iterable[dict], one: Callable[[dict], dict[str, float]]) -> list[dict]:
    """Each point once a round, so that what else the machine does meets all of them."""
    points = list(points)
    rows: list[list[dict[str, float]]] = [[] for _ in points]
    for _ in range(effort.rounds):
        for point, measured in zip(points, rows):
            measured.append(one(point))
    return [point | median(measured) for point, measured in zip(points, rows)]


def _users(size: int) -> int:
    """Fewer of large states, so that filling Redis does not take longer than measuring."""
    return max(64, min(1000, 256 * MIB // size))


def sizes(worker: Path, effort: Effort) -> list[dict]:
    """Of states, 1 KB to 1 MB."""
    kinds = [("get", "canonical"), ("save", "canonical"), ("save", "browser")]
    with Stack() as stack:
        candidate = stack.add("worker", worker, OPTIONS)
        points = [
            {"operation": operation, "order": order, "size": kib * 1024}
            for kib in effort.pick([1, 2, 4, 8, 16, 64, 256, 1024], 1024)
            for operation, order in kinds
        ]

        def one(point: dict) -> dict[str, float]:
            workload = Workload(point["operation"], point["size"], point["order"])
            # Longer for larger ones: what is under way when a run ends has cost something, and is not counted.
            seconds = effort.seconds + 3 * point["size"] // MIB
            return measure(candidate, workload, Load(seconds=seconds, users=_users(point["size"])))

        return _points(effort, points, one)


def connections(worker: Path, effort: Effort) -> list[dict]:
    """Clients at nginx, each with one request at a time."""
    with Stack() as stack:
        candidate = stack.add("worker", worker, OPTIONS)
        points = [
            {"operation": operation, "size": 2048, "connections": count}
            for count in effort.pick([1, 4, 16, 32, 64, 128, 256, 512, 1000], 1000)
            for operation in ("get", "save")
        ]

        def one(point: dict) -> dict[str, float]:
            load = Load(connections=point["connections"], seconds=effort.seconds)
            return measure(candidate, Workload(point["operation"], point["size"]), load)

        return _points(effort, points, one)


def idle(worker: Path, effort: Effort) -> list[dict]:
    """Kept-alive connections that do nothing, while others work."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 500
    rows = []
    with Stack() as stack:
        candidate = stack.add("worker", worker, OPTIONS)
        workload, load = Workload("get", 2048), Load(seconds=effort.seconds)
        measure(candidate, workload, load)
        before = memory([candidate.workers[0].pid])["rss"]
        with IdleConnections(candidate.sockets[0]) as held:
            for count in [0, *effort.pick([10, 100, 1000, 3000, 10_000], 100)]:
                if count > most:
                    continue
                held.grow(count)
                rss = memory([candidate.workers[0].pid])["rss"]
                row = median([measure(candidate, workload, load) for _ in range(effort.rounds)])
                each = (rss - before) * 1024 / count if count else 0.0
                rows.append({"idle": count} | row | {"rss": rss, "kib_each": each})
            held.check()
    return rows


def workers(worker: Path, effort: Effort) -> list[dict]:
    """Processes behind one nginx."""
    with Stack() as stack:
        candidates: dict[int, Candidate] = {
            count: stack.add(f"workers-{count}", worker, OPTIONS, count) for count in effort.pick([1, 2, 3, 4], 2)
        }
        points = [
            {"operation": operation, "size": size, "workers": count}
            for operation, size in [("get", 2048), ("mixed", 20 * 1024), ("save", 20 * 1024)]
            for count in candidates
        ]

        def one(point: dict) -> dict[str, float]:
            workload = Workload(point["operation"], point["size"])
            return measure(candidates[point["workers"]], workload, Load(seconds=effort.seconds))

        return _points(effort, points, one)


def identities(worker: Path, effort: Effort) -> list[dict]:
    """Users with a state each, of 1 KB."""
    rows = []
    with Stack() as stack:
        candidate = stack.add("worker", worker, OPTIONS)
        files = stack.states(1024, "canonical")
        stack.cli("FLUSHALL", "SYNC")
        empty = stack.used_memory()
        for count in effort.pick([1000, 10_000, 100_000, 1_000_000], 1000):
            candidate.fill(files, count)
            each = (stack.used_memory() - empty) / count
            load = Load(seconds=effort.seconds, users=count, fill=False)
            for operation in ("get", "save"):
                measured = [measure(candidate, Workload(operation, 1024), load) for _ in range(effort.rounds)]
                point = {"operation": operation, "identities": count, "bytes_each": each}
                rows.append({**point, **median(measured)})
        stack.cli("FLUSHALL", "ASYNC")
    return rows


ALL: dict[str, Callable[[Path, Effort], list[dict]]] = {
    "sizes": sizes,
    "connections": connections,
    "idle": idle,
    "workers": workers,
    "identities": identities,
}
