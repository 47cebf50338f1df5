"""What docs/container.md says to type: pasted where it can run here, and held against the examples where it cannot."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from examples import compose, pod, worker_settings
from image import image
from pods import Container, Pod, in_pod
from programs import TOP

PAGE = (TOP / "docs/container.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


class Pasted(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        image()

    def test_how_the_image_is_made(self) -> None:
        made, built, _ = blocks("sh")
        self.assertEqual(made, "make image\n")
        # It is made for these tests already; whoever makes it gets a command that exists.
        # `make test` runs this, and a make below another one says where it is.
        command = ["make", "--dry-run", "--no-print-directory", "image"]
        dry = subprocess.run(command, cwd=TOP, capture_output=True, check=True, text=True).stdout
        self.assertEqual(dry.splitlines()[-1], built.strip())
        self.assertEqual(built.split()[0], "deploy/container/build")
        (named,) = re.findall(r"oci-archive:(\S+)", PAGE)
        self.assertEqual(named, image().archive.name)

    @in_pod
    def test_compose_with_what_is_typed_first(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            top = Path(folder)
            top.chmod(0o755)
            shutil.copytree(TOP / "deploy/container", top / "deploy/container")
            shutil.copytree(TOP / "deploy/redis", top / "deploy/redis")
            # By somebody whose files are nobody else's, unless the commands say so.
            subprocess.run(["bash", "-euc", "umask 077\n" + blocks("sh")[2]], cwd=top, check=True, timeout=60)
            secrets = top / "deploy/container/secrets"
            self.assertEqual(secrets.stat().st_mode & 0o777, 0o700)
            services = compose()["services"]
            self.assertEqual(
                {secret["file"].removeprefix("secrets/") for secret in compose()["secrets"].values()},
                {file.name for file in secrets.iterdir()},
            )
            (top / "data").mkdir()
            places = {"/run/secrets/users.acl": str(secrets / "users.acl"), "/data": str(top / "data")}
            with Pod(redis_arguments=[places.get(word, word) for word in services["redis"]["command"]]) as pod:
                settings = services["worker"]["environment"]
                mounts = {"/run/dashboard-state": pod.sockets, "/run/secrets/redis-password": secrets / "redis-password"}
                pod.run_container("worker", image(), Container(settings, mounts))
                pod.await_ready()
                pod.run_sign_in()
                user, group = services["nginx"]["user"].split(":")
                pod.run_nginx("nginx", (TOP / "deploy/container/nginx.conf").read_text(), 8080, (int(user), int(group)))
                # The last line, which wants no Docker.
                typed = re.search(r"^docker compose up --detach\n(curl .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]
                done = subprocess.run(["bash", "-euc", typed], capture_output=True, check=True, text=True, timeout=60)
                self.assertEqual(done.stdout, '{"success":true,"serverVersion":1}')


class Named(unittest.TestCase):
    def test_the_commands_for_kubernetes_make_what_the_example_wants(self) -> None:
        typed = section("On Kubernetes")
        volumes = {one["name"]: one for one in pod()["volumes"]}
        secret, key = re.search(r"create secret generic (\S+) --from-file=(\S+)", typed).groups()
        self.assertEqual(volumes["secrets"]["secret"]["secretName"], secret)
        self.assertEqual(worker_settings()["REDIS_PASSWORD_FILE"].rpartition("/")[2], key)
        name, source = re.search(r"create configmap (\S+) --from-file=(\S+)", typed).groups()
        self.assertEqual(volumes["snippets"]["configMap"]["name"], name)
        self.assertTrue((TOP / source / "dashboard-state.conf").exists())
        (applied,) = re.findall(r"apply --filename (\S+)", typed)
        self.assertTrue((TOP / applied).exists())

    def test_figures_are_the_image_s(self) -> None:
        (said,) = re.findall(r"ca-certificates: (\d+) MB", PAGE)
        self.assertEqual(round(image().archive.stat().st_size / 1e6), int(said))

    def test_a_cluster_of_kubernetes_takes_configmaps_so_large(self) -> None:
        # 1 MiB is the most.
        total = sum(file.stat().st_size for file in (TOP / "deploy/nginx/snippets").iterdir())
        self.assertLess(total, 500_000)
