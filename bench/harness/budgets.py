"""What a request may take, and on which machine: other processors, compilers and libraries take other instructions."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "budgets.json"
# A request may take so much more than its budget.
TOLERANCE = 0.03
LIBRARIES = ("libc6", "libfcgi0ldbl", "libssl3", "redis-server", "valgrind")


@dataclass
class Budgets:
    machine: dict[str, str]
    instructions: dict[str, int]

    @staticmethod
    def read(file: Path = FILE) -> Budgets:
        return Budgets(**json.loads(file.read_text()))

    def write(self, file: Path = FILE) -> None:
        file.write_text(json.dumps({"machine": self.machine, "instructions": self.instructions}, indent=2) + "\n")


def machine() -> dict[str, str]:
    """What decides how many instructions a request takes, beside the code."""
    processor = dict(re.findall(r"^(\w[\w ]*?)\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    names = ("vendor_id", "cpu family", "model", "model name")
    found = {"processor": ", ".join(processor[name] for name in names if name in processor)}
    found["swift"] = _said(["swift", "--version"]).partition("\n")[0].strip()
    for name in LIBRARIES:
        found[name] = _said(["dpkg-query", "--show", "--showformat=${Version}", name])
    return found


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """In what two machines differ, in words."""
    names = sorted({*one, *other})
    return [f"{name}: {one.get(name)}, not {other.get(name)}" for name in names if one.get(name) != other.get(name)]


def excess(counted: int, budget: int) -> float:
    """By how much of the budget a request takes more; negative where it takes less."""
    return counted / budget - 1


def failures(counted: dict[str, int], budget: dict[str, int]) -> list[str]:
    """A sentence for each request that takes too much, or has no budget."""
    sentences = []
    for name, count in counted.items():
        if name not in budget:
            sentences.append(f"{name} has no budget")
        elif excess(count, budget[name]) > TOLERANCE:
            more = excess(count, budget[name])
            sentences.append(f"{name} takes {count:,} instructions, {more:.1%} more than its {budget[name]:,}")
    return sentences


def _said(command: list[str]) -> str:
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout
    except FileNotFoundError:
        return ""
