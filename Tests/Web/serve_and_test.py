"""Starts the service once, and runs against it the client's tests in node and the pages' tests in a browser."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "browser"), str(HERE.parent / "PythonSupport")]

import device  # noqa: E402
from service import Service  # noqa: E402


def in_node(service: Service) -> bool:
    """Runs what needs no page."""
    environment = {**os.environ, "DASHBOARD_STATE_SITE": service.site}
    command = ["node", "--test", "--test-reporter=spec", str(HERE / "service/")]
    return subprocess.run(command, env=environment, timeout=600, check=False).returncode == 0


def main(names: list[str]) -> int:
    with Service() as service:
        if not names and not in_node(service):
            service.print_logs()
            return 1
        device.service = service
        loader = unittest.TestLoader()
        loader.testNamePatterns = [f"*{name}*" for name in names] or None
        suite = loader.discover(str(HERE / "browser"), pattern="test_*.py")
        result = unittest.TextTestRunner(verbosity=2).run(suite)
        device.close_all()
        if not result.wasSuccessful() or result.testsRun == 0:
            service.print_logs()
            return 1
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
