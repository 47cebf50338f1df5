"""The micro-benchmarks: what the pure parts take, by the clock and by count."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import states
from .stack import TOP
from .table import markdown

BUILD = TOP / ".build-micro"
SIZES = {"2k": 2 * 1024, "20k": 20 * 1024}


def build() -> Path:
    """In a folder of its own: with -enable-testing, by which internals are reached, everything is compiled anew."""
    argv = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "micro-benchmarks"]
    argv += ["--scratch-path", str(BUILD), "-Xswiftc", "-enable-testing", "-Xswiftc", "-DINTERNALS"]
    done = subprocess.run(argv, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(done.stdout)
    return BUILD / "release/micro-benchmarks"


def measure(executable: Path, only: str = "", *, counts: bool = True) -> list[dict]:
    """Rows of name, bytes, nanoseconds, and with `counts` allocations, allocated bytes and instructions a run."""
    if counts and not shutil.which("valgrind"):
        sys.exit("missing: valgrind (deploy/install-packages bench installs it)")
    with tempfile.TemporaryDirectory(prefix="dashboard-state-micro-") as name:
        folder = Path(name)
        for size, length in SIZES.items():
            for order in ("canonical", "browser"):
                states.write_tails(folder, f"{order}-{size}", length, order, variants=1)
        command = [str(executable), name]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        rows = []
        for number, line in enumerate(output.splitlines()):
            what, width, nanoseconds = line.split("\t")
            if only not in what:
                continue
            row: dict = {"name": what, "bytes": int(width), "nanoseconds": float(nanoseconds)}
            if counts:
                row |= _counts(command, number)
            rows.append(row)
        return rows


def _counts(command: list[str], number: int, runs: int = 100) -> dict[str, float]:
    few, many = (_valgrind([*command, str(number), str(count)]) for count in (runs, 2 * runs))
    return {key: (many[key] - few[key]) / runs for key in few}


def _valgrind(command: list[str]) -> dict[str, int]:
    heap = _report(["--tool=memcheck", "--undef-value-errors=no", "--run-libc-freeres=no"], command)
    allocated = re.search(r"total heap usage: ([\d,]+) allocs, [\d,]+ frees, ([\d,]+) bytes", heap)
    work = _report(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"], command)
    instructions = re.search(r"I\s+refs:\s+([\d,]+)", work)
    if not allocated or not instructions:
        sys.exit(f"valgrind said something else:\n{heap}\n{work}")
    numbers = [int(group.replace(",", "")) for group in (*allocated.groups(), instructions[1])]
    return dict(zip(("allocations", "allocated", "instructions"), numbers))


def _report(tool: list[str], command: list[str]) -> str:
    done = subprocess.run(["valgrind", *tool, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"valgrind {' '.join(tool)} failed:\n{done.stdout[-2000:]}")
    return done.stdout


def table(rows: list[dict]) -> str:
    lines = []
    for row in rows:
        cells = [
            row["name"],
            f"{row['bytes']:,}",
            f"{row['nanoseconds']:,.0f}",
            f"{1e9 / row['nanoseconds']:,.0f}",
            f"{row['bytes'] / row['nanoseconds'] * 1000:,.0f}",
        ]
        if "allocations" in row:
            cells += [
                f"{row['allocations']:.2f}".removesuffix(".00"),
                f"{row['allocated']:,.0f}",
                f"{row['instructions']:,.0f}",
            ]
        else:
            cells += ["–"] * 3
        lines.append(cells)
    return markdown(["part", "bytes", "ns", "runs/s", "MB/s", "allocations", "allocated bytes", "instructions"], lines)
