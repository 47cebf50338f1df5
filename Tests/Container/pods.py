"""Containers as a runtime runs them, with a Redis, a sign-in and an nginx in the network beside them.

All of it is in a mount and a network namespace of the test's own (`@in_pod`): addresses, ports and paths are the examples'.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from image import Image
from namespaces import in_namespaces
from programs import TOP, Programs, is_listening

NOBODY = 65534

# The names that the examples have for what is beside them.
in_pod = in_namespaces(hosts="127.0.0.1 localhost redis sign-in worker\n")


@dataclass
class Container:
    """What Compose and Kubernetes say of a container, as far as the examples say it."""

    environment: dict[str, str] = field(default_factory=dict)
    mounts: dict[str, Path] = field(default_factory=dict)  # by their places in it
    arguments: tuple[str, ...] = ()  # behind the image's program
    user: tuple[int, int] = (NOBODY, NOBODY)


def of_kubernetes(
    documents: dict[tuple[str, str], Any], name: str, volumes: dict[str, Path], injected: dict[str, str] = {}
) -> Container:
    """A container of the only Deployment. `volumes` are folders by the volumes' names."""
    pod = documents["Deployment", "dashboard-state"]["spec"]["template"]["spec"]
    (container,) = [one for one in pod["initContainers"] + pod["containers"] if one["name"] == name]
    environment = dict(injected)
    for source in container.get("envFrom", []):
        environment.update(documents["ConfigMap", source["configMapRef"]["name"]]["data"])
    mounts = {}
    for mount in container["volumeMounts"]:
        mounts[mount["mountPath"]] = volumes[mount["name"]] / mount.get("subPath", "")
    user = container["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]
    return Container(environment, mounts, user=user)


class Pod(Programs):
    """A network with a Redis on 6379 and a sign-in on 4180, and what is started in it."""

    def __init__(self, *redis_options: object, redis_arguments: list[str] | None = None) -> None:
        super().__init__("pod")
        # What runs on the test's machine itself lies elsewhere, and a runtime that finds control groups of two kinds gives up.
        for kind, place in (("tmpfs", "/run"), ("cgroup2", "/sys/fs/cgroup")):
            subprocess.run(["mount", "-t", kind, kind, place], check=True)
        # As compose.yaml has it for the sign-in.
        Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
        # As the kubelet makes an emptyDir of a pod with a fsGroup.
        self.sockets = Path("/run/dashboard-state")
        self.sockets.mkdir()
        self.sockets.chmod(0o2777)
        shutil.chown(self.sockets, group=NOBODY)
        self._configure_nginx()
        arguments = redis_arguments or ["redis-server", "--save", "", "--dir", self.folder, *redis_options]
        self.start("redis", *arguments)
        self.await_start("redis", lambda: is_listening(6379))

    def _configure_nginx(self) -> None:
        folder = self.folder / "nginx"
        shutil.copytree(TOP / "deploy/nginx/snippets", folder / "snippets")
        shutil.copy(TOP / "deploy/sample-sign-in.nginx.conf", folder)
        shutil.copy(TOP / "deploy/container/sign-in.conf", folder)
        subprocess.run(["mount", "--bind", folder, "/etc/nginx"], check=True)

    def run_nginx(self, name: str, configuration: str, port: int, user: tuple[int, int]) -> None:
        """An nginx without rights, as the examples' images run it, but for their root."""
        file = Path("/etc/nginx") / f"{name}.conf"
        # Each container has a /tmp of its own.
        file.write_text(configuration.replace("/tmp/", f"{self.temporary(name)}/"))
        shutil.chown(self.temporary(name), *user)
        self.log_path(name).touch()
        self.log_path(name).chmod(0o666)  # A runtime gives a container's output to its user.
        with open(self.log_path(name), "ab") as log:
            tested = subprocess.run(self._nginx(name, user, "-t"), stdout=log, stderr=subprocess.PIPE, text=True)
        if tested.returncode != 0 or "warn" in tested.stderr:
            raise AssertionError(f"nginx -t: {tested.stderr}")
        self.start(name, *self._nginx(name, user, "-g", "daemon off;"))
        self.await_start(name, lambda: is_listening(port))

    def temporary(self, name: str) -> Path:
        folder = self.folder / f"{name}.tmp"
        folder.mkdir(exist_ok=True)
        return folder

    def _nginx(self, name: str, user: tuple[int, int], *arguments: str) -> list[str]:
        rights = ["--reuid", str(user[0]), "--regid", str(user[1]), "--clear-groups", "--bounding-set=-all", "--no-new-privs"]
        return ["setpriv", *rights, "nginx", "-e", "stderr", "-c", f"/etc/nginx/{name}.conf", *arguments]

    def run_sign_in(self) -> None:
        self.run_nginx("sign-in", (TOP / "deploy/container/sign-in.conf").read_text(), 4180, (101, 101))

    # ---- Containers ----

    def bundle(self, name: str, image: Image, container: Container) -> Path:
        """A folder as the OCI's runtime specification wants it: a root of its own, and all that is said of it."""
        folder = self.folder / f"{name}.bundle"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        # Runtimes make the places of mounts in it, so it is a copy.
        subprocess.run(["cp", "-a", image.root, folder / "root"], check=True)
        said = image.configuration["config"]
        environment = dict(line.split("=", 1) for line in said["Env"]) | container.environment
        rights = ("bounding", "effective", "permitted", "inheritable", "ambient")
        mounts = [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
        ]
        # Runtimes say who the others are.
        told = {place: Path(place) for place in ("/etc/hosts", "/etc/resolv.conf")}
        mounts += [
            {"destination": place, "type": "bind", "source": str(source), "options": ["bind"]}
            for place, source in {**told, **container.mounts}.items()
        ]
        masked = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"]
        (folder / "config.json").write_text(json.dumps({
            "ociVersion": "1.0.2",
            "process": {
                "user": {"uid": container.user[0], "gid": container.user[1]},
                "args": [*said["Entrypoint"], *container.arguments],
                "env": [f"{name}={value}" for name, value in environment.items()],
                "cwd": said["WorkingDir"],
                "noNewPrivileges": True,
                "capabilities": {kind: [] for kind in rights},
            },
            "root": {"path": "root", "readonly": True},
            "hostname": name,
            "mounts": mounts,
            # The network is the pod's.
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")], "maskedPaths": masked},
        }))  # fmt: skip
        return folder

    def crun(self, *arguments: str) -> list[str]:
        return ["crun", "--root", str(self.folder / "crun"), "--cgroup-manager=disabled", *arguments]

    def run_container(self, name: str, image: Image, container: Container) -> None:
        """Starts it, without waiting for anything."""
        self.start(name, *self.crun("run", "--bundle", str(self.bundle(name, image, container)), name))

    def ask_container(self, image: Image, container: Container) -> subprocess.CompletedProcess[str]:
        """Runs one that ends by itself."""
        command = self.crun("run", "--bundle", str(self.bundle("asked", image, container)), "asked")
        return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def await_ready(self, port: int = 9464) -> None:
        """As a probe sees it."""
        self.await_start("worker", lambda: is_listening(port) and self.probe("/readyz") == 200)

    def probe(self, path: str, port: int = 9464) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def first(self, name: str) -> int:
        """The id, out here, of a container's process 1."""
        state = subprocess.run(self.crun("state", name), capture_output=True, check=True, text=True)
        return json.loads(state.stdout)["pid"]

    def signal(self, name: str, signal: str) -> None:
        subprocess.run(self.crun("kill", name, signal), check=True)

    def exit_status(self, name: str, seconds: float = 60) -> int:
        """Waits for its end."""
        return self._processes[name].wait(seconds)

    def status(self, name: str) -> dict[str, str]:
        """What the kernel says of a container's process 1 (`/proc/PID/status`)."""
        lines = Path(f"/proc/{self.first(name)}/status").read_text().splitlines()
        return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}

    def stop(self) -> None:
        for folder in (self.folder / "crun").glob("*"):
            subprocess.run(self.crun("delete", "--force", folder.name), capture_output=True)
        super().stop()

    def __enter__(self) -> Pod:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind:
            self.print_logs()
        self.stop()
