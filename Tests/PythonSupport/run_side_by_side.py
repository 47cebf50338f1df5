"""Runs the tests of this folder, some classes at a time: most of them wait for most of their time.

    run_side_by_side.py [NAME...]

A class is run by a process of its own. A name is a part of a test's name, or of its class's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from redis_servers import servers

AT_A_TIME = int(os.environ.get("CLASSES_AT_A_TIME", "6"))
SECONDS = 1200  # only ends what would hang, on a busy machine too


def tests_of(suite: unittest.TestSuite) -> list[unittest.TestCase]:
    return [test for part in suite for test in (tests_of(part) if isinstance(part, unittest.TestSuite) else [part])]


def run(names: list[str]) -> tuple[float, int, str]:
    """One class's tests, by their names: how long, how many were skipped, and what is wrong."""
    began = time.monotonic()
    command = [sys.executable, "-B", "-W", "error", "-m", "unittest", *names]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        output, is_good = result.stderr, result.returncode == 0
    except subprocess.TimeoutExpired as error:
        output, is_good = f"{names} did not end: {error.stderr!r}", False
    skipped = output.rpartition("skipped=")[2].partition(")")[0] if "skipped=" in output else "0"
    return time.monotonic() - began, int(skipped.partition(",")[0]), "" if is_good else output


def main(words: list[str]) -> int:
    sys.path.insert(0, os.getcwd())
    servers()  # so that not each of them fetches those
    tests = tests_of(unittest.TestLoader().discover(".", pattern="test_*.py"))
    groups: dict[str, list[str]] = {}
    for test in tests:
        if not words or any(word.lower() in test.id().lower() for word in words):
            groups.setdefault(test.id().rpartition(".")[0], []).append(test.id())
    if not groups:
        print("no such test")
        return 2
    # Those that take long begin first.
    order = sorted(groups, key=lambda name: -getattr(_class_of(name), "seconds", 0))
    failed = 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for name, (seconds, skipped, trouble) in zip(order, pool.map(lambda name: run(groups[name]), order)):
            outcome = "FAIL" if trouble else f"ok, {skipped} skipped" if skipped else "ok"
            print(f"{name:60} {len(groups[name]):3} tests {seconds:6.1f} s  {outcome}", flush=True)
            if trouble:
                failed += 1
                print(trouble if words else trouble[:4000], flush=True)
    count = sum(len(names) for names in groups.values())
    print(f"{count} tests in {len(groups)} classes: " + (f"{failed} classes failed" if failed else "ok"))
    return 1 if failed else 0


def _class_of(name: str) -> object:
    module, _, class_name = name.rpartition(".")
    return getattr(sys.modules.get(module), class_name, None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
