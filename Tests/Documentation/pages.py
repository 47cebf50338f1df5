"""The documentation's pages, and what is in them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from programs import TOP


def tracked(*patterns: str) -> list[Path]:
    """Files of this kind that are in the repository, or are about to be."""
    command = ["git", "-C", TOP, "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return [TOP / name for name in dict.fromkeys(done.stdout.splitlines()) if (TOP / name).is_file()]


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Its titles, as GitHub makes them into anchors."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: Path) -> list[str]:
    """Where it links to within this repository."""
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(page)))
    return [link for link in found if not re.match(r"\w+:", link)]


def section(page: Path, title: str) -> str:
    """What is below a title, up to the next one."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", page.read_text(), re.MULTILINE | re.DOTALL)
    if match is None:
        raise AssertionError(f"{page.name} has no section '{title}'")
    return match[1]


def blocks(page: Path) -> list[tuple[str, str]]:
    """All blocks of code, each with its language."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def rows(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {index - 1 for index, row in enumerate(cells) if set("".join(row)) == {"-", " "} or set("".join(row)) == {"-"}}
    return [row for index, row in enumerate(cells) if index not in heads and index - 1 not in heads]
