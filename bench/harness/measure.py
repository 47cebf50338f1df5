"""One workload on one candidate, and what it cost."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import states
from .stack import HERE, Candidate, user_name

TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")
DEFAULT = ["get-2k", "get-20k", "save-2k", "save-2k-browser", "save-20k", "save-20k-browser", "mixed-20k"]


@dataclass(frozen=True)
class Workload:
    """`get`, `save` or `mixed` (four reads to one save), of states of a size. Their keys are sorted, so that a state is
    its own RFC 8785 form, or (`browser`) in the order in which a page makes them."""

    operation: str
    size: int
    order: str = "canonical"

    @staticmethod
    def named(name: str) -> Workload:
        match = re.fullmatch(r"(get|save|mixed)-(\d+)k(-browser)?", name)
        if not match:
            raise ValueError(name)
        return Workload(match[1], int(match[2]) * 1024, "browser" if match[3] else "canonical")

    @property
    def name(self) -> str:
        return f"{self.operation}-{self.size // 1024}k" + ("-browser" if self.order == "browser" else "")


@dataclass(frozen=True)
class Load:
    """How hard a workload is pressed."""

    connections: int = 32
    seconds: int = 4
    # Seconds that one connection alone is measured for afterwards; 0 leaves that out.
    alone: int = 0
    users: int = 1000
    # Each user has a state first; otherwise it is there already.
    fill: bool = True
    warm_up: bool = False
    # Percent of a core: first wait, but not for long, until the rest of the machine uses less.
    quiet: float | None = None


def cpu(pids: Iterable[int]) -> float:
    """Microseconds that these processes have run."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK


def busy() -> float:
    """Microseconds that all processors have worked."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) * TICK


def memory(pids: Iterable[int]) -> dict[str, float]:
    """MiB in all."""
    total = {"rss": 0.0, "pss": 0.0}
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Rss:", "Pss:")):
                total[line[:3].lower()] += int(line.split()[1]) / 1024
    return total


_patience = 60.0


def await_quiet(percent: float) -> None:
    """Waits until others use less of a core; a minute at most in all, so that a run comes to an end on any machine."""
    global _patience
    while _patience > 0:
        before = busy()
        time.sleep(0.5)
        _patience -= 0.5
        if (busy() - before) / 500_000 * 100 < percent:
            _patience += 0.5
            return


def _wrk(candidate: Candidate, workload: Workload, files: str, load: Load, connections: int, seconds: int) -> dict:
    base = time.time_ns() // 1000  # rises from run to run
    environment = os.environ | {
        "OPERATION": workload.operation,
        "STATES": str(candidate.stack.folder / files),
        "VARIANTS": str(states.VARIANTS),
        "USERS": str(load.users),
        "BASE": str(base),
    }
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE.parent / "load.lua")]
    process = subprocess.Popen(
        [*argv, f"http://127.0.0.1:{candidate.port}"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or "RESULT " not in output:
        sys.exit(f"wrk: {output}")
    row = json.loads(output.split("RESULT ")[1])
    if row["requests"] == 0:
        # Only slow, it may be: large states on a machine that has other things to do.
        if seconds >= 15:
            sys.exit(f"{candidate.name}: no answer at all to {workload.name}: {output}")
        return _wrk(candidate, workload, files, load, connections, 2 * seconds)
    _check(candidate, workload, files, row, base, load.users)
    row["client"] = (usage.ru_utime + usage.ru_stime) * 1_000_000
    return row


def _check(candidate: Candidate, workload: Workload, files: str, row: dict, base: int, users: int) -> None:
    """Speed counts only where the work was done."""
    if workload.operation == "get":
        if not row["errors"] and row["bytes"] < row["requests"] * workload.size:
            sys.exit(f"{candidate.name}: answers to {workload.name} are too short")
        return
    # One of the first users for whom load.lua saves. Not the very first: wrk makes a request that it never sends.
    early = 10
    if row["requests"] < early:
        return
    status, answer = candidate.request("GET", user_name((early + early // users) * 7919 % users))
    version = re.match(rb'\{"version":(\d+)', answer)
    if status != 200 or not version or int(version[1]) <= base:
        sys.exit(f"{candidate.name}: {workload.name} did not save: {status} {answer[:300]!r}")
    tails = ((candidate.stack.folder / f"{files}-{seed}.tail").read_bytes() for seed in range(states.VARIANTS))
    if not any(tail[tail.index(b'"state":') :] in answer for tail in tails):
        sys.exit(f"{candidate.name}: {workload.name} saved something else")


def measure(candidate: Candidate, workload: Workload, load: Load) -> dict[str, float]:
    """Fills Redis, loads, and gives the figures: latency and CPU a request in microseconds, memory in MiB."""
    files = candidate.stack.states(workload.size, workload.order)
    if load.fill:
        candidate.fill(files, load.users)
    if load.warm_up:
        _wrk(candidate, workload, files, load, load.connections, 1)
    if load.quiet is not None:
        await_quiet(load.quiet)
    groups = candidate.pids()
    before, busy_before, start = {name: cpu(pids) for name, pids in groups.items()}, busy(), time.monotonic()
    result = _wrk(candidate, workload, files, load, load.connections, load.seconds)
    used = {name: cpu(pids) - before[name] for name, pids in groups.items()}
    wall, others = (time.monotonic() - start) * 1_000_000, busy() - busy_before - sum(used.values()) - result["client"]
    candidate.check()
    count = result["requests"]
    row = {
        "rate": count / result["microseconds"] * 1_000_000,
        "p50": result["p50"],
        "p99": result["p99"],
        "errors": result["errors"],
        **{name: value / count for name, value in used.items()},
        "sum": sum(used.values()) / count,
        "client": result["client"] / count,
        "others": max(0.0, others / wall * 100),
        **memory(groups["worker"]),
    }
    if load.alone:
        single = _wrk(candidate, workload, files, load, 1, load.alone)
        row |= {"alone": single["p50"], "errors": row["errors"] + single["errors"]}
    return row


def median(rows: list[dict[str, float]]) -> dict[str, float]:
    """Of each figure; errors are added up."""
    result = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    result["errors"] = sum(row["errors"] for row in rows)
    return result


def in_turns(
    candidates: list[Candidate], workload: Workload, load: Load, rounds: int
) -> dict[str, list[dict[str, float]]]:
    """Every candidate once a round, so that what else the machine does meets all of them."""
    rows: dict[str, list[dict[str, float]]] = {candidate.name: [] for candidate in candidates}
    for _ in range(rounds):
        for candidate in candidates:
            rows[candidate.name].append(measure(candidate, workload, load))
    return rows
