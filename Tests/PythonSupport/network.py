"""Servers on a network of the test's own, which can be parted. It wants root, and a process that has entered it.

    enter(sys.argv)                 # runs this program again, in namespaces that end with it
    network = Network(["a", "b"])   # a namespace each, on a bridge
    network.part("a")               # it reaches nobody but those that are parted with it
    network.heal()
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from topologies import Place

_INSIDE = "DASHBOARD_STATE_OWN_NETWORK"


def can_enter() -> bool:
    return os.getuid() == 0


def enter(arguments: Sequence[str]) -> None:
    """Does not return the first time."""
    if os.environ.get(_INSIDE):
        return
    prepare = "mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up"
    command = ["unshare", "--net", "--mount", "sh", "-c", f'{prepare} && exec "$@"', "sh"]
    os.environ[_INSIDE] = "1"
    os.execvp(command[0], [*command, sys.executable, "-B", *arguments])


class Network:
    """Two bridges with a cable between them: who is parted is on the second one, and the cable is out."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places: dict[str, Place] = {}
        lines = [f"link add {bridge} type bridge" for bridge in ("main", "apart")]
        lines += ["link add cable type veth peer name cable-end", "link set cable master main"]
        lines += ["link set cable-end master apart", "link set cable-end up", "link set main up", "link set apart up"]
        _ip(*lines)
        for number, name in enumerate(names):
            address = f"10.99.0.{number + 11}"
            self.places[name] = Place(address, ("nsenter", f"--net=/run/netns/{name}"))
            subprocess.run(["ip", "netns", "add", name], check=True, timeout=60)
            _ip(f"link add {name} type veth peer name eth0 netns {name}", f"link set {name} master main up")
            _ip("link set lo up", f"addr add {address}/24 dev eth0", "link set eth0 up", namespace=name)
        _ip("link set cable up")

    def part(self, *names: str) -> None:
        """From all others, at once."""
        _ip("link set cable down", *(f"link set {name} master apart" for name in names))

    def heal(self) -> None:
        _ip("link set cable up", *(f"link set {name} master main" for name in self.places))


def _ip(*lines: str, namespace: str = "") -> None:
    command = ["ip", *(["-netns", namespace] if namespace else []), "-batch", "-"]
    subprocess.run(command, input="\n".join(lines) + "\n", text=True, check=True, timeout=60)
