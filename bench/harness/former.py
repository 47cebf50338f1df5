"""The worker as it was when the budgets were set, built anew, where another machine has nothing to compare with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from . import budgets
from .stack import TOP

BUILDS = TOP / ".build-instructions"


def commit() -> str | None:
    """The one that has set the budgets; `None` where there is no history, or they are not committed."""
    name = _git("log", "-1", "--format=%H", "--", budgets.FILE)
    return name if name and not _git("status", "--porcelain", "--", budgets.FILE) else None


def has_same_sources(former: str) -> bool:
    return subprocess.run(["git", "diff", "--quiet", former, "--", "Sources", "Package.swift"], cwd=TOP).returncode == 0


def build(former: str) -> Path:
    """Takes minutes the first time."""
    folder = BUILDS / former[:12]
    worker = folder / ".build/release/dashboard-state-fcgi"
    if worker.exists():
        return worker
    shutil.rmtree(BUILDS, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", former], cwd=TOP, check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(["tar", "-x"], cwd=folder, check=True, input=archive)
    argv = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "dashboard-state-fcgi"]
    done = subprocess.run(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(done.stdout)
    return worker


def _git(*words: object) -> str:
    argv = ["git", "-C", str(TOP), *map(str, words)]
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
