"""Tests in namespaces of their own: other name servers, and a network that can be taken down. They want root."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

_INSIDE = "DASHBOARD_STATE_TEST_INSIDE"


def in_namespaces(**files: str) -> Callable[[Callable], Callable]:
    """Runs a test in a network that has nothing but a loopback interface, and where these files of /etc have other
    contents (`resolv_conf="…"` is /etc/resolv.conf).
    """

    def prepare(folder: Path) -> list[str]:
        lines = ["mount --make-rprivate /", "ip link set lo up"]
        for name, content in files.items():
            copy = folder / name.replace("_", ".")
            copy.write_text(content)
            lines.append(f"mount --bind {shlex.quote(str(copy))} /etc/{copy.name}")
        return lines

    return lambda test: _inside(test, prepare)


def _inside(test: Callable, prepare: Callable[[Path], list[str]]) -> Callable:
    def run(case: unittest.TestCase) -> None:
        if os.environ.get(_INSIDE) == case.id():
            test(case)
            return
        if os.getuid() != 0:
            case.skipTest("only root can make namespaces")
        with tempfile.TemporaryDirectory() as folder:
            python = shlex.join([sys.executable, "-B", "-m", "unittest", case.id()])
            command = " && ".join([*prepare(Path(folder)), f"exec {python}"])
            result = subprocess.run(
                ["unshare", "--mount", "--net", "sh", "-c", command],
                capture_output=True, text=True, timeout=300, cwd=Path(sys.modules[case.__module__].__file__).parent,
                env={**os.environ, _INSIDE: case.id()},
            )  # fmt: skip
        if result.returncode != 0:
            case.fail(f"inside:\n{result.stdout}{result.stderr}")

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run
