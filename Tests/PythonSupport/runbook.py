"""What docs/runbook.md says of an incident: tests read it there, so that a text that changes fails them."""

from __future__ import annotations

import re
from functools import cached_property

from programs import TOP

PAGE = TOP / "docs/runbook.md"


def titles() -> list[str]:
    return re.findall(r"^## (.*)$", PAGE.read_text(), re.MULTILINE)


def first_commands() -> str:
    """The block before all incidents."""
    [(_, block)] = _blocks(PAGE.read_text().partition("\n## ")[0])
    return block


class Entry:
    """A section: `metric`, `line` and `over` are quoted there."""

    def __init__(self, title: str) -> None:
        _, found, rest = PAGE.read_text().partition(f"\n## {title}\n")
        if not found:
            raise AssertionError(f"docs/runbook.md has no section '{title}'")
        self.text = rest.partition("\n## ")[0]

    def _quoted(self, label: str) -> str:
        match = re.search(rf"^- \*\*{label}\*\*: `(.*?)`", self.text, re.MULTILINE)
        if not match:
            raise AssertionError(f"docs/runbook.md quotes no {label} in:{self.text}")
        return match[1]

    @cached_property
    def metric(self) -> str:
        """A query that finds nothing while all is well."""
        return self._quoted("Metric")

    @cached_property
    def line(self) -> list[str]:
        """What a line of the log has: the pieces between the dots."""
        return self._pieces("Line")

    @cached_property
    def over(self) -> list[str]:
        return self._pieces("Over")

    def _pieces(self, label: str) -> list[str]:
        return [piece.strip() for piece in self._quoted(label).split("…") if piece.strip()]

    @cached_property
    def alerts(self) -> list[str]:
        return re.findall(r"DashboardState\w+", self.text)

    def commands(self, number: int = 0, language: str = "sh") -> str:
        """A block of commands, as it stands there. Those in "sh" are pasted where a Redis runs, those without a language on
        a machine with systemd.
        """
        return [block for kind, block in _blocks(self.text) if kind == language][number]


def _blocks(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
