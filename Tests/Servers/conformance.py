"""Runs the same cases against every web server, and prints a table.

    python3 Tests/Servers/conformance.py [SERVER...] [--case CASE] [--slow]

A server or a case is named by a part of its name. DASHBOARD_STATE_WORKER names the worker (the release build).
"""

from __future__ import annotations

import argparse
import sys
import traceback

from cases import CASES, SLOW_CASES
from sandbox import Sandbox
from servers import SERVERS, Server
from site_under_test import Case, NotApplicable, Site

Column = dict[str, str]


def run_cases(server: Server, sandbox: Sandbox, cases: list[tuple[str, Case]], reasons: list[str]) -> Column:
    """The outcome of every case: "ok", "FAIL", or "n/a"."""
    column: Column = {}
    try:
        port = server.start(sandbox)
    except Exception:  # noqa: BLE001  the others shall run nevertheless
        print(f"\n{server.name} did not start:\n{traceback.format_exc()}")
        return dict.fromkeys((name for name, _ in cases), "FAIL")
    site = Site(server, sandbox, port)
    for name, function in cases:
        sandbox.redis("FLUSHALL")
        try:
            function(site)
            column[name] = "ok"
        except NotApplicable as reason:
            column[name] = "n/a"
            if (line := f"n/a: {name}: {reason}") not in reasons:
                reasons.append(line)
        except Exception as error:  # noqa: BLE001  a server that breaks off is a failure like any other
            column[name] = "FAIL"
            frames = traceback.extract_tb(error.__traceback__)
            where = next((frame.lineno for frame in frames[1:] if "/cases/" in frame.filename), "?")
            print(f"{server.name}: {name}: FAIL at line {where}: {type(error).__name__}: {error}")
    if "FAIL" in column.values():
        for log in sorted(sandbox.folder.glob("*.log")):
            print(f"--- {log.name}\n{sandbox.log(log.stem, 8)}")
    return column


def print_table(columns: dict[str, Column], reasons: list[str]) -> None:
    """A line a case; the servers' names stand above, since they are wider than what is said of them."""
    names = list(columns)
    print()
    for index, name in enumerate(names):
        print(f"{'':28}{'|     ' * index}{name}")
    for case in next(iter(columns.values())):
        print(f"{case:28}" + "".join(f"{columns[name][case]:6}" for name in names).rstrip())
    print()
    for reason in reasons:
        print(reason)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("server", nargs="*", help="only servers with such names")
    arguments.add_argument("--case", default="", help="only cases with such names")
    arguments.add_argument("--slow", action="store_true", help="those that wait for times of web servers")
    options = arguments.parse_args()
    cases = [(name, function) for name, function in (SLOW_CASES if options.slow else CASES) if options.case in name]
    servers = [
        server for server in SERVERS if not options.server or any(part in server.name for part in options.server)
    ]
    columns: dict[str, Column] = {}
    reasons: list[str] = []
    for server in servers:
        sandbox = Sandbox()
        try:
            columns[server.name] = run_cases(server, sandbox, cases, reasons)
        finally:
            sandbox.stop()
    outcomes = [outcome for column in columns.values() for outcome in column.values()]
    if not outcomes:
        print("no such server or case")
        return 2
    print_table(columns, reasons)
    failed, skipped = outcomes.count("FAIL"), outcomes.count("n/a")
    print(f"{outcomes.count('ok')} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
