"""The examples for Compose and Kubernetes, parsed."""

from __future__ import annotations

import re
from typing import Any

import yaml

from programs import TOP

FOLDER = TOP / "deploy/container"


def kubernetes() -> dict[tuple[str, str], Any]:
    """The objects by their kinds and names."""
    documents = yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text())
    return {(one["kind"], one["metadata"]["name"]): one for one in documents}


def compose() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())


def pod() -> dict[str, Any]:
    return kubernetes()["Deployment", "dashboard-state"]["spec"]["template"]["spec"]


def part(name: str) -> dict[str, Any]:
    """A container of the pod."""
    (container,) = [one for one in pod()["initContainers"] + pod()["containers"] if one["name"] == name]
    return container


def nginx_configuration() -> str:
    """What the pod's nginx reads."""
    return kubernetes()["ConfigMap", "dashboard-state-nginx"]["data"]["nginx.conf"]


def worker_settings() -> dict[str, str]:
    return kubernetes()["ConfigMap", "dashboard-state"]["data"]


def known_settings() -> set[str]:
    """The variables that docs/configuration.md has, which a test compares with the code."""
    rows = [line.split("|") for line in (TOP / "docs/configuration.md").read_text().splitlines() if line.startswith("|")]
    return set(re.findall(r"`([A-Z_]+)`", "".join(row[2] for row in rows)))
