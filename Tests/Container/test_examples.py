"""The examples for Compose and Kubernetes as files: nothing here can run them whole."""

from __future__ import annotations

import fcntl
import re
import subprocess
import unittest
from pathlib import Path

import examples
from examples import FOLDER, compose, kubernetes, known_settings, nginx_configuration, part, pod, worker_settings
from image import FOLDER as BUILT
from image import package
from programs import TOP

# Kubernetes's own schemas of each release, in a package of PyPI, and the releases that the example is for.
SCHEMAS = "kubernetes-validate==1.37.0"
RELEASES = ("1.29", "1.37")


def validator() -> Path:
    """A program that knows these schemas, in a virtual environment that is kept."""
    BUILT.mkdir(exist_ok=True)
    program = BUILT / "venv/bin/kubernetes-validate"
    with open(BUILT / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            subprocess.run(["/usr/bin/python3", "-m", "venv", BUILT / "venv"], check=True, timeout=120)
            pip = [BUILT / "venv/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
            subprocess.run([*pip, "--only-binary", ":all:", SCHEMAS], check=True, timeout=300)
    return program


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def version() -> str:
    field = subprocess.run(["dpkg-deb", "--field", package(), "Version"], capture_output=True, check=True, text=True)
    return field.stdout.strip()


class Kubernetes(unittest.TestCase):
    def test_kubernetes_knows_each_field(self) -> None:
        for release in RELEASES:
            command = [validator(), "--strict", "--kubernetes-version", release, FOLDER / "kubernetes.yaml"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn("not found", done.stdout + done.stderr)

    def test_the_settings_exist(self) -> None:
        self.assertLessEqual(set(worker_settings()), known_settings())
        self.assertGreater(len(worker_settings()), 5)
        # Text, as environment variables are.
        self.assertEqual({type(value) for value in worker_settings().values()}, {str})

    def test_what_is_named_is_there(self) -> None:
        volumes = {one["name"]: one for one in pod()["volumes"]}
        for name in ("worker", "nginx"):
            for mount in part(name)["volumeMounts"]:
                self.assertIn(mount["name"], volumes)
        made = {name for kind, name in kubernetes() if kind == "ConfigMap"}
        # These two are made by the commands in docs/container.md, which a test reads.
        by_hand = {"dashboard-state-snippets"}
        for volume in volumes.values():
            if "configMap" in volume:
                self.assertIn(volume["configMap"]["name"], made | by_hand)
        labels = kubernetes()["Deployment", "dashboard-state"]["spec"]["template"]["metadata"]["labels"]
        self.assertEqual(kubernetes()["Service", "dashboard-state"]["spec"]["selector"], labels)
        for kind in ("Deployment", "PodDisruptionBudget"):
            self.assertEqual(kubernetes()[kind, "dashboard-state"]["spec"]["selector"]["matchLabels"], labels)

    def test_paths_are_within_what_is_mounted(self) -> None:
        places = {mount["mountPath"]: mount["name"] for mount in part("worker")["volumeMounts"]}
        folder = worker_settings()["DASHBOARD_STATE_LISTEN"].removeprefix("unix:").rpartition("/")[0]
        self.assertEqual(places[folder], "socket")
        self.assertEqual(places[worker_settings()["REDIS_PASSWORD_FILE"].rpartition("/")[0]], "secrets")
        socket = worker_settings()["DASHBOARD_STATE_LISTEN"]
        self.assertIn(f"server {socket} ", nginx_configuration())
        nginx = {mount["mountPath"] for mount in part("nginx")["volumeMounts"]}
        self.assertIn(folder, nginx)
        # All that nginx includes is one of deploy/nginx/snippets.
        for name in re.findall(r"include (\S+);", nginx_configuration()):
            self.assertEqual(name.partition("/")[0], "snippets")
            self.assertTrue((TOP / "deploy/nginx" / name).exists(), name)

    def test_ports_agree(self) -> None:
        ports = {port["name"]: port["containerPort"] for name in ("worker", "nginx") for port in part(name)["ports"]}
        self.assertEqual(worker_settings()["DASHBOARD_STATE_ADMIN"], f"tcp:0.0.0.0:{ports['admin']}")
        self.assertIn(f"listen {ports['http']};", nginx_configuration())
        (service,) = kubernetes()["Service", "dashboard-state"]["spec"]["ports"]
        self.assertEqual(service["targetPort"], "http")
        annotations = kubernetes()["Deployment", "dashboard-state"]["spec"]["template"]["metadata"]["annotations"]
        self.assertEqual(annotations["prometheus.io/port"], str(ports["admin"]))
        for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
            self.assertEqual(part("worker")[probe]["httpGet"], {"path": path, "port": "admin"})

    def test_there_is_time_to_stop(self) -> None:
        (_, wait) = part("nginx")["lifecycle"]["preStop"]["exec"]["command"]
        nginx = seconds(re.search(r"^worker_shutdown_timeout (\S+);", nginx_configuration(), re.MULTILINE)[1])
        drain = int(worker_settings()["DASHBOARD_STATE_DRAIN_TIMEOUT"])
        self.assertGreater(pod()["terminationGracePeriodSeconds"], int(wait) + nginx + drain)
        # The worker is a sidecar: Kubernetes ends it once nginx has ended.
        self.assertEqual([(one["name"], one["restartPolicy"]) for one in pod()["initContainers"]], [("worker", "Always")])

    def test_nobody_has_rights(self) -> None:
        self.assertEqual(pod()["securityContext"]["runAsNonRoot"], True)
        self.assertEqual(part("worker")["securityContext"]["runAsUser"], 65534)
        for name in ("worker", "nginx"):
            context = part(name)["securityContext"]
            self.assertEqual(
                (context["readOnlyRootFilesystem"], context["allowPrivilegeEscalation"], context["capabilities"]),
                (True, False, {"drop": ["ALL"]}),
            )


class Compose(unittest.TestCase):
    def services(self) -> dict[str, dict]:
        return compose()["services"]

    def test_the_settings_exist(self) -> None:
        settings = self.services()["worker"]["environment"]
        self.assertLessEqual(set(settings), known_settings())
        self.assertEqual({type(value) for value in settings.values()}, {str})

    def test_what_is_named_is_there(self) -> None:
        file = compose()
        self.assertLessEqual(set(file["secrets"]), {"redis-password", "users.acl"})
        for name, service in self.services().items():
            self.assertLessEqual(set(service.get("secrets", [])), set(file["secrets"]), name)
            self.assertLessEqual(set(service.get("depends_on", [])), set(self.services()), name)
            for volume in service.get("volumes", []):
                source = re.sub(r"\$\{SNIPPETS:-([^}]+)\}", r"\1", volume).split(":")[0]
                if source[0] == ".":
                    self.assertTrue((FOLDER / source).exists(), source)
                else:
                    self.assertIn(source, file["volumes"])

    def test_ports_and_paths_agree(self) -> None:
        worker, nginx = self.services()["worker"], self.services()["nginx"]
        self.assertEqual(worker["environment"]["DASHBOARD_STATE_ADMIN"], "tcp:0.0.0.0:9464")
        self.assertEqual(worker["ports"], ["127.0.0.1:9464:9464"])
        self.assertEqual(nginx["ports"], ["127.0.0.1:8080:8080"])
        socket = worker["environment"]["DASHBOARD_STATE_LISTEN"]
        self.assertIn(f"server {socket} ", (FOLDER / "nginx.conf").read_text())
        for service in (worker, nginx):
            self.assertIn(f"socket:{socket.removeprefix('unix:').rpartition('/')[0]}", service["volumes"])
        self.assertEqual(worker["environment"]["REDIS_PASSWORD_FILE"], "/run/secrets/redis-password")

    def test_there_is_time_to_stop(self) -> None:
        worker, nginx = self.services()["worker"], self.services()["nginx"]
        drain = int(worker["environment"]["DASHBOARD_STATE_DRAIN_TIMEOUT"])
        self.assertGreater(seconds(worker["stop_grace_period"]), drain)
        text = (FOLDER / "nginx.conf").read_text()
        self.assertGreater(seconds(nginx["stop_grace_period"]), seconds(re.search(r"shutdown_timeout (\S+);", text)[1]))
        # Compose stops those first that depend on others.
        self.assertIn("worker", nginx["depends_on"])
        self.assertEqual(nginx["stop_signal"], "SIGQUIT")

    def test_nobody_has_rights(self) -> None:
        for name in ("worker", "nginx", "sign-in"):
            service = self.services()[name]
            self.assertEqual((service["read_only"], service["cap_drop"]), (True, ["ALL"]), name)
            self.assertEqual(service["security_opt"], ["no-new-privileges:true"], name)
            self.assertNotEqual(service["user"].split(":")[0], "0")


class Both(unittest.TestCase):
    def test_they_have_the_same_nginx_configuration(self) -> None:
        self.assertEqual(nginx_configuration(), (FOLDER / "nginx.conf").read_text())

    def test_their_image_is_of_this_version(self) -> None:
        for image in (part("worker")["image"], compose()["services"]["worker"]["image"]):
            self.assertEqual(image.rpartition("/")[2], f"dashboard-state:{version()}")
        self.assertEqual(part("nginx")["image"], compose()["services"]["nginx"]["image"])

    def test_each_file_parses(self) -> None:
        self.assertEqual(len(kubernetes()), 5)
        self.assertEqual(set(examples.compose()["services"]), {"worker", "nginx", "sign-in", "redis"})
