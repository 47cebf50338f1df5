"""The image run as its process 1, without rights and on a root that is read-only, as Kubernetes and Compose run it."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import examples
from image import image
from pods import NOBODY, Container, Pod, in_pod, of_kubernetes
from programs import accepts, wait_until

URL = "http://127.0.0.1:8080/api/dashboard/state"
ALICE = "Basic " + base64.b64encode(b"alice:wonderland").decode()
# What the kubelet tells every container of services that are called as ours is, and as Redis's.
INJECTED = {
    "DASHBOARD_STATE_SERVICE_HOST": "10.96.0.7", "DASHBOARD_STATE_SERVICE_PORT": "80",
    "DASHBOARD_STATE_SERVICE_PORT_HTTP": "80", "DASHBOARD_STATE_PORT": "tcp://10.96.0.7:80",
    "DASHBOARD_STATE_PORT_80_TCP": "tcp://10.96.0.7:80", "DASHBOARD_STATE_PORT_80_TCP_PROTO": "tcp",
    "DASHBOARD_STATE_PORT_80_TCP_PORT": "80", "DASHBOARD_STATE_PORT_80_TCP_ADDR": "10.96.0.7",
    "REDIS_SERVICE_HOST": "10.96.0.8", "REDIS_PORT": "tcp://10.96.0.8:6379", "REDIS_TLS_SERVICE_HOST": "10.96.0.9",
    "REDIS_STATE_PORT": "tcp://10.96.0.9:6379", "IDENTITY_SERVICE_PORT": "80",
}  # fmt: skip


def ask(method: str, document: object = None) -> tuple[int, dict]:
    """One request through nginx, on a connection and in a session of its own."""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(URL, body, method=method)
    fields = {"Authorization": ALICE, "Content-Type": "application/json", "Cookie": f"s={random.getrandbits(64)}"}
    for name, value in fields.items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"{}")


class Saves:
    """Saves through nginx for as long as the block runs; `answers` counts what came of them."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        version = 1000
        while not self._is_over.wait(0.01):
            version += 1
            try:
                self.answers[str(ask("POST", {"version": version, "state": {}})[0])] += 1
            except (urllib.error.URLError, ConnectionError):
                # Nobody listens any more: the pod has gone, and a Service sends requests elsewhere.
                self.answers["refused"] += 1

    def __enter__(self) -> Saves:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


class KubernetesPod(Pod):
    """The pod of the example."""

    def __init__(self, suite: str = "bookworm") -> None:
        super().__init__("--aclfile", self.users())
        self.image = image(suite)
        self.volumes = {"socket": self.sockets, "secrets": self.folder / "secrets"}
        # As the kubelet lays it: root's, and readable for the pod's group.
        self.volumes["secrets"].mkdir()
        secret = self.volumes["secrets"] / "redis-password"
        secret.write_text("of-the-cluster")
        secret.chmod(0o440)
        shutil.chown(secret, group=NOBODY)
        self.worker_container = of_kubernetes(examples.kubernetes(), "worker", self.volumes, INJECTED)

    @staticmethod
    def users() -> str:
        """The right that the example's user has, with another password."""
        [line] = [line for line in (examples.FOLDER / "../redis/users.acl").read_text().splitlines() if " dashboard " in line]
        file = Path(f"/tmp/users-{os.getpid()}.acl")
        file.write_text(f"user default on nopass ~* &* +@all\n{line.replace('change-me-dashboard', 'of-the-cluster')}\n")
        return str(file)

    def run_worker(self, container: Container | None = None) -> None:
        self.run_container("worker", self.image, container or self.worker_container)
        self.await_ready()

    def run_pod(self) -> None:
        """In Kubernetes's order."""
        self.run_worker()
        self.run_sign_in()
        nginx = of_kubernetes(examples.kubernetes(), "nginx", {"nginx": Path(), "snippets": Path(), "socket": Path(), "temporary": Path()})
        self.run_nginx("nginx", examples.nginx_configuration(), 8080, nginx.user)

    def stop(self) -> None:
        super().stop()
        Path(f"/tmp/users-{os.getpid()}.acl").unlink(missing_ok=True)


class InKubernetes(unittest.TestCase):
    suite = "bookworm"

    @classmethod
    def setUpClass(cls) -> None:
        # Out here, where there is a network to build it by.
        image(cls.suite)

    @in_pod
    def test_it_serves_and_ends_as_kubernetes_ends_it(self) -> None:
        with KubernetesPod(self.suite) as pod:
            pod.run_pod()
            self.assertEqual(ask("GET")[0], 404)
            self.assertEqual(ask("POST", {"version": 1, "state": {"a": 1}}), (200, {"success": True, "serverVersion": 1}))
            status, document = ask("GET")
            self.assertEqual((status, document["state"]), (200, {"a": 1}))
            self.assertEqual((pod.probe("/healthz"), pod.probe("/readyz")), (200, 200))
            self.confined(pod)
            self.buries(pod)
            # Its log, on standard error, has no warning: not of what Kubernetes tells it either.
            log = [json.loads(line) for line in pod.log("worker", 10_000).splitlines()]
            self.assertEqual([line for line in log if line["level"] in ("warning", "error", "critical")], [])
            self.assertEqual([line["message"] for line in log].count("serving"), 1)
            self.end(pod)

    def confined(self, pod: Pod) -> None:
        status = pod.status("worker")
        self.assertEqual(status["NSpid"].split()[1:], ["1"])
        self.assertEqual(set(status["Uid"].split() + status["Gid"].split()), {str(NOBODY)})
        self.assertEqual(status["NoNewPrivs"], "1")
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        mounts = Path(f"/proc/{pod.first('worker')}/mountinfo").read_text().splitlines()
        (root,) = [line.split() for line in mounts if line.split()[4] == "/"]
        self.assertIn("ro", root[5].split(","))

    def buries(self, pod: Pod) -> None:
        """Process 1 becomes the parent of what a debugging container leaves behind."""
        first = pod.first("worker")
        subprocess.run(["nsenter", "--target", str(first), "--pid", "sh", "-c", "sleep 0.3 & sleep 0.1 &"], check=True)
        children = Path(f"/proc/{first}/task/{first}/children")
        wait_until(lambda: children.read_text().split(), "an orphan")
        wait_until(lambda: not children.read_text().split(), "the end of the orphans")

    def end(self, pod: Pod) -> None:
        """As a sidecar's pod ends: nginx's preStop, nginx, and then the worker, while saves go on."""
        spec = examples.pod()
        began = time.monotonic()
        with Saves() as saves:
            wait_until(lambda: saves.answers["200"] > 5, "saves")
            subprocess.run(examples.part("nginx")["lifecycle"]["preStop"]["exec"]["command"], check=True)
            os.kill(pod.process("nginx"), signal.SIGQUIT)
            self.assertEqual(pod.exit_status("nginx"), 0)
            pod.signal("worker", "TERM")
            self.assertEqual(pod.exit_status("worker"), 0)
            wait_until(lambda: saves.answers["refused"], "the end of the pod")
        self.assertLess(time.monotonic() - began, spec["terminationGracePeriodSeconds"])
        self.assertEqual(set(saves.answers), {"200", "refused"}, saves.answers)
        self.assertFalse((pod.sockets / "worker.sock").exists())
        self.assertIn("stopped", pod.log("worker", 2))


class InKubernetesOnDebian13(InKubernetes):
    suite = "trixie"


class Alone(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        image()

    @in_pod
    def test_one_that_was_killed_serves_again_on_the_same_volume(self) -> None:
        with KubernetesPod() as pod:
            pod.run_pod()
            pod.signal("worker", "KILL")
            self.assertNotEqual(pod.exit_status("worker"), 0)
            self.assertTrue((pod.sockets / "worker.sock").exists())
            self.assertEqual(ask("GET")[0], 503)
            pod.run_worker()
            self.assertEqual(ask("GET")[0], 404)

    @in_pod
    def test_sigterm_ends_it_with_0_though_nginx_keeps_connections(self) -> None:
        with KubernetesPod() as pod:
            pod.run_pod()
            self.assertEqual(ask("GET")[0], 404)
            pod.signal("worker", "TERM")
            drain = int(examples.worker_settings()["DASHBOARD_STATE_DRAIN_TIMEOUT"])
            self.assertEqual(pod.exit_status("worker", drain + 20), 0)
            self.assertIn("SIGTERM", pod.log("worker", 3))

    @in_pod
    def test_a_wrong_setting_is_told_in_words_and_by_78(self) -> None:
        with KubernetesPod() as pod:
            right = pod.worker_container
            done = pod.ask_container(pod.image, Container(right.environment, right.mounts, ("--check",)))
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
            done = pod.ask_container(pod.image, Container(right.environment, right.mounts, ("--check=redis",)))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            wrong = right.environment | {"DASHBOARD_STATE_THREADS": "none"}
            for arguments in (("--check",), ()):
                done = pod.ask_container(pod.image, Container(wrong, right.mounts, arguments))
                self.assertEqual(done.returncode, 78)
                self.assertIn("DASHBOARD_STATE_THREADS", done.stdout + done.stderr)
                self.assertIn("none", done.stdout + done.stderr)

    @in_pod
    def test_any_user_may_run_it(self) -> None:
        """As OpenShift does it: a number that nobody knows, in root's group, which folders and secrets belong to."""
        with KubernetesPod() as pod:
            for place in (pod.sockets, pod.volumes["secrets"] / "redis-password"):
                shutil.chown(place, group=0)
            right = pod.worker_container
            pod.run_worker(Container(right.environment, right.mounts, user=(1_000_680_000, 0)))
            self.assertEqual(pod.status("worker")["Uid"].split()[0], "1000680000")
            pod.run_sign_in()
            pod.run_nginx("nginx", examples.nginx_configuration(), 8080, (1_000_680_000, 0))
            self.assertEqual(ask("GET")[0], 404)

    @in_pod
    def test_a_second_one_does_not_take_the_socket_of_the_first(self) -> None:
        with KubernetesPod() as pod:
            pod.run_pod()
            right = pod.worker_container
            other = right.environment | {"DASHBOARD_STATE_ADMIN": "tcp:0.0.0.0:9465"}
            done = pod.ask_container(pod.image, Container(other, right.mounts))
            self.assertEqual(done.returncode, 78)
            self.assertIn("another process is listening there", done.stderr)
            self.assertEqual(ask("GET")[0], 404)

    @in_pod
    def test_a_save_that_redis_is_slow_with_is_answered_before_the_end(self) -> None:
        with KubernetesPod() as pod:
            pod.run_pod()
            with Saves() as saves:
                wait_until(lambda: saves.answers["200"] > 5, "saves")
                # Holds every command, for less than a worker waits for an answer.
                subprocess.run(["redis-cli", "CLIENT", "PAUSE", "1000", "ALL"], check=True, capture_output=True)
                before = saves.answers["200"]
                time.sleep(0.3)
                pod.signal("worker", "TERM")
                self.assertEqual(pod.exit_status("worker"), 0)
                wait_until(lambda: saves.answers["503"] > 0, "the end of the worker")
            self.assertGreater(saves.answers["200"], before)
            self.assertEqual(set(saves.answers), {"200", "503"}, saves.answers)

    @in_pod
    def test_over_tcp_it_wants_a_secret(self) -> None:
        with KubernetesPod() as pod:
            settings = pod.worker_container.environment | {"DASHBOARD_STATE_LISTEN": "tcp:0.0.0.0:9000"}
            mounts = pod.worker_container.mounts
            done = pod.ask_container(pod.image, Container(settings, mounts))
            self.assertEqual(done.returncode, 78)
            self.assertIn("PROXY_SECRET", done.stderr)
            (pod.volumes["secrets"] / "proxy-secret").write_text("between us")
            settings["PROXY_SECRET_FILE"] = "/run/secrets/dashboard-state/proxy-secret"
            pod.run_worker(Container(settings, mounts))
            self.assertEqual(pod.probe("/readyz"), 200)

    @in_pod
    def test_what_the_image_says_is_enough_without_any_setting(self) -> None:
        with KubernetesPod() as pod:
            pod.run_worker(Container(mounts={"/run/dashboard-state": pod.sockets}))
            self.assertTrue(accepts(pod.sockets / "worker.sock"))
