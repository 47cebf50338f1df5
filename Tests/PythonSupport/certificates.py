"""Certificates of the tests' own, made by the openssl command in a temporary folder."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass
class Certificate:
    """A certificate and its key, as files."""

    file: Path
    key: Path


class Authority(Certificate):
    """Signs certificates. Its own is what others trust."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        super().__init__(folder / f"{name}.pem", folder / f"{name}.key")
        self._folder = folder
        openssl(
            "req", "-x509", *_NEW_KEY, "-days", 2, "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.file,
        )  # fmt: skip
        self.key.chmod(0o644)

    def issue(self, name: str, *names: str, days: int = 2) -> Certificate:
        """One for these names, such as `DNS:localhost` or `IP:127.0.0.1`. Below zero days it has expired."""
        issued = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request = self._folder / f"{name}.csr"
        extensions = ["-addext", f"subjectAltName={','.join(names)}"] if names else []
        openssl(
            "req", "-new", *_NEW_KEY, "-subj", f"/CN={name}", *extensions, "-keyout", issued.key, "-out", request,
        )  # fmt: skip
        issued.key.chmod(0o644)
        openssl(
            "x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-days", days,
            "-copy_extensions", "copy", "-out", issued.file,
        )  # fmt: skip
        return issued


def openssl(*words: object) -> None:
    """Runs the command."""
    result = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise RuntimeError(f"openssl {words} failed:\n{result.stderr}")
