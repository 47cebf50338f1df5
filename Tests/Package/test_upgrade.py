"""From 0.1.0 to this version and back, under load, on a machine as the README.md of 0.1.0 had it."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile

import documents
from machine import CACHE, TOP, skip
from test_install import Load, MachineTests

# What became 0.1.0.
FORMER = "ba1c43c26fc83321103f4e5159f2e0ecca1e93c9"


def former_text(path):
    return subprocess.run(["git", "-C", TOP, "show", f"{FORMER}:{path}"], capture_output=True, check=True, text=True).stdout


def former_package():
    """The package of 0.1.0: its units, scripts, settings and examples, which are what an upgrade meets. The program in it is
    today's, since the one of then takes minutes to build."""
    kept = CACHE / f"{FORMER[:12]}.deb"
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / "lock", "w") as lock, tempfile.TemporaryDirectory(prefix="dashboard-state-") as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            archive = subprocess.run(["git", "-C", TOP, "archive", FORMER], capture_output=True, check=True).stdout
            subprocess.run(["tar", "-C", folder, "-x"], input=archive, check=True)
            os.makedirs(f"{folder}/.build/release")
            shutil.copy(TOP / ".build/release/dashboard-state-fcgi", f"{folder}/.build/release")
            # Its version was what its program said.
            subprocess.run(["sed", "-i", "s/^version=.*/version=0.1.0/", f"{folder}/deploy/build-deb"], check=True)
            done = subprocess.run([f"{folder}/deploy/build-deb"], capture_output=True, check=True, text=True)
            shutil.move(f"{folder}/{done.stdout.strip()}", kept)
    return kept


class UpgradeTests(MachineTests):
    """Tests on one machine, in the order of their names."""

    @classmethod
    def setUpClass(cls):
        if subprocess.run(["git", "-C", TOP, "cat-file", "-e", FORMER], capture_output=True).returncode != 0:
            skip("the history is not there: not tested what an upgrade from 0.1.0 does")
        super().setUpClass()
        folder = cls.machine.root / "root/former"
        folder.mkdir()
        shutil.copy(former_package(), folder / "dashboard-state_0.1.0_amd64.deb")
        cls.machine.boot()

    def state_of_workers(self):
        """How each of three workers is, and its process."""
        names = " ".join(f"dashboard-state@{number}" for number in (1, 2, 3))
        self.assertEqual(self.machine.run(f"systemctl is-active {names}").stdout.split(), ["active"] * 3)
        return [self.machine.worker(number) for number in (1, 2, 3)]

    def sockets(self):
        return self.machine.run("stat --format '%i %n' /run/dashboard-state/*.sock").stdout

    def under_load(self, script):
        """Runs it while requests come, all of which are served; every worker is another one then, on the same sockets."""
        before, sockets = self.state_of_workers(), self.sockets()
        with Load(self.machine) as load:
            # That the settings file is the administrator's own is asked about, once.
            self.machine.run(f"(echo N) | ({script}); sleep 0.3")
        self.assertLessEqual(set(load.statuses), {"200", "404"}, load.statuses)
        self.assertGreater(load.statuses["200"], 0)
        self.assertEqual(set(before) & set(self.state_of_workers()), set())
        self.assertEqual(self.sockets(), sockets)
        self.assertIn("DASHBOARD_STATE_THREADS=3", self.machine.run("cat /etc/default/dashboard-state").stdout)

    def version(self):
        return self.machine.run("dpkg-query --show --showformat '${Status} ${Version}' dashboard-state").stdout

    def test_1_a_machine_with_0_1_0(self):
        [commands] = re.findall(r"^### Behind nginx$.*?^```sh\n(.*?)^```", former_text("README.md"), re.MULTILINE | re.DOTALL)
        self.machine.run("cd former\n" + commands)
        self.assertEqual(self.version(), "install ok installed 0.1.0")
        self.machine.run("""
            sed -i 's/^#DASHBOARD_STATE_THREADS=.*/DASHBOARD_STATE_THREADS=3/' /etc/default/dashboard-state
            echo DASHBOARD_STATE_DRAIN_TIMEOUT=1 >>/etc/default/dashboard-state
            systemctl enable --quiet --now dashboard-state@3
            systemctl restart dashboard-state@1 dashboard-state@2
        """)

    def test_2_it_is_upgraded_as_the_text_has_it(self):
        self.under_load("\n".join(documents.commands("docs/install.md", "Upgrading")))
        self.assertNotIn("0.1.0", self.version())
        self.machine.run("nginx -t; systemctl reload nginx")
        # What is new is there.
        self.machine.run("systemctl reload dashboard-state; curl --silent --fail http://127.0.0.1:9463/readyz")

    def test_3_and_back(self):
        self.under_load("dpkg --install former/dashboard-state_0.1.0_amd64.deb")
        self.assertEqual(self.version(), "install ok installed 0.1.0")
