"""The container image: built of the package once a run, and unpacked as a container runtime does it."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from programs import TOP

FOLDER = TOP / ".build-container"


def package() -> Path:
    """The package that `make deb` has made."""
    (file,) = TOP.glob("dashboard-state_*.deb")
    return file


def build(suite: str, folder: Path) -> Path:
    """Builds the image in a folder, and returns its archive."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [TOP / "deploy/container/build", package(), suite]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"the image is not built: {done.stdout}{done.stderr}")
    return folder / done.stdout.strip()


class Image:
    """An image that was unpacked: its archive, its configuration, and its root folder."""

    def __init__(self, suite: str) -> None:
        self.folder = FOLDER / suite
        (self.archive,) = self.folder.glob("*.oci.tar")
        self.root = self.folder / "root"
        self.blobs = self.folder / "blobs/sha256"
        index = json.loads((self.folder / "index.json").read_text())
        self.manifest = self.read(index["manifests"][0])
        self.configuration = self.read(self.manifest["config"])

    def read(self, descriptor: dict[str, Any]) -> Any:
        return json.loads(self.blob(descriptor).read_text())

    def blob(self, descriptor: dict[str, Any]) -> Path:
        return self.blobs / descriptor["digest"].removeprefix("sha256:")


@functools.cache
def image(suite: str = "bookworm") -> Image:
    """The image on a release of Debian. It is built anew where the package, or how it is built, has changed."""
    folder = FOLDER / suite
    what = hashlib.sha256(package().read_bytes() + (TOP / "deploy/container/build").read_bytes()).hexdigest()
    stamp = folder / "built-of"
    if not stamp.exists() or stamp.read_text() != what:
        shutil.rmtree(folder, ignore_errors=True)
        archive = build(suite, folder)
        subprocess.run(["tar", "-C", folder, "-xf", archive], check=True)
        unpacked = folder / "root"
        unpacked.mkdir()
        made = json.loads((folder / "manifest.json").read_text())
        owners = ["--numeric-owner"] if os.getuid() == 0 else ["--no-same-owner"]
        for layer in made[0]["Layers"]:
            subprocess.run(["tar", "-C", unpacked, *owners, "-xpzf", folder / layer], check=True)
        stamp.write_text(what)
    return Image(suite)
