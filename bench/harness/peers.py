"""Beside what others would run instead: calls the side-by-side harness, where there is one, and holds its figures
against the bar."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import targets
from .measure import Workload

# Where it is, unless the option says.
USUAL = Path(os.environ.get("BENCH_PEERS", ""))
PEERS = ["c-libfcgi", "c-loop", "openresty"]
OURS = "ours"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--peers", type=Path, nargs="?", const=USUAL, metavar="HARNESS",
        help="run beside other services, by this program (default: what the variable BENCH_PEERS says): see bench/README.md",
    )  # fmt: skip
    parser.add_argument(
        "--peer", action="append", metavar="NAME", help=f"one of its peers (default: {' '.join(PEERS)})"
    )


def run(
    harness: Path,
    worker: Path,
    options: list[str],
    *,
    workloads: list[str],
    peers: list[str],
    rounds: int,
    seconds: int,
    alone: int,
    connections: int,
    quiet: float,
    show: Callable[[str], None],
) -> dict[str, dict[str, list[dict[str, float]]]]:
    """The figures of every round, by workload and peer. Its tables go to `show` as they come."""
    if not (harness.is_file() and os.access(harness, os.X_OK)):
        sys.exit(f"no program at '{harness}': BENCH_PEERS, or --peers, has its path (bench/README.md)")
    command = [str(worker.resolve()), "--log-level", "warning", *options]
    command = [*map(shlex.quote, command), "--listen", "unix:{socket}", "--redis", "unix://{redis}"]
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        argv = [
            str(harness.resolve()), "--fastcgi", f"{OURS}={' '.join(command)}", "--json", file.name,
            "--rounds", str(rounds), "--seconds", str(seconds), "--single", str(max(1, alone)),
            "--connections", str(connections), "--quiet", str(quiet),
        ]  # fmt: skip
        for peer in peers:
            argv += ["--peer", peer]
        for workload in workloads:
            argv += ["--workload", workload]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout
            try:
                for line in process.stdout:
                    show(line)
            except BaseException:
                process.terminate()
                raise
        if process.returncode:
            sys.exit(f"{harness} ended with {process.returncode}")
        return json.load(file)


def medians(results: dict[str, dict[str, list[dict[str, float]]]]) -> dict[str, dict[str, dict[str, float]]]:
    """As the harness forms them."""
    return {
        workload: {
            name: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            | {"errors": sum(row["errors"] for row in rows)}
            for name, rows in by_peer.items()
            if rows and rows[0]
        }
        for workload, by_peer in results.items()
    }


def main(options: argparse.Namespace) -> int:
    """`bench/run --peers`."""
    workloads = options.workload or list(targets.SIDE_BY_SIDE)
    for name in workloads:
        Workload.named(name)
    results = run(
        options.peers,
        options.worker,
        options.option,
        workloads=workloads,
        peers=options.peer or PEERS,
        rounds=1 if options.quick else options.rounds,
        seconds=1 if options.quick else options.seconds,
        alone=options.alone,
        connections=options.connections,
        quiet=1000 if options.quick else options.quiet,
        show=lambda line: print(line, end="", flush=True),
    )
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    lines = targets.against_peers(medians(results), OURS)
    print("\n**The bar**\n\n" + targets.bar(lines), flush=True)
    return 0
