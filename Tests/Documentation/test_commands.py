"""What the documentation says to type against a service that runs, pasted as it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import pages
from programs import TOP, WORKER, free_port, wait_until
from service import Service
from workbench import Workbench


class Pasted(unittest.TestCase):
    service: Service

    @classmethod
    def setUpClass(cls) -> None:
        cls.service = Service()
        cls.addClassCleanup(cls.service.stop)

    def setUp(self) -> None:
        self.service.redis("flushall")

    def paste(self, script: str) -> str:
        """Types it in a shell, with this service in the place of the one that the page has."""
        script = script.replace("http://127.0.0.1:8080", self.service.site)
        done = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, timeout=60, cwd=TOP)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_http(self) -> None:
        """All blocks in one shell, each with the answers below it, in which … stands for what is different each time."""
        found = pages.blocks(TOP / "docs/http.md")
        self.assertEqual([language for language, _ in found], ["sh", "answer"] * (len(found) // 2))
        before = ""
        for (_, typed), (_, answers) in zip(found[::2], found[1::2], strict=True):
            self.service.redis("flushall")
            setting = "\n".join(line for line in before.splitlines() if re.match(r"\w+=|\w+\(\)", line))
            said = self.paste(f"{setting}\n{typed}").splitlines()
            for line, answer in zip(said, answers.splitlines(), strict=True):
                pattern = ".*".join(re.escape(part) for part in answer.split("…"))
                self.assertRegex(line, rf"^{pattern}$")
            before += typed

    def test_the_question_to_the_sample_sign_in(self) -> None:
        [typed] = [text for _, text in pages.blocks(TOP / "docs/sign-in.md") if "/auth\n" in text]
        here = f"--unix-socket {self.service.folder}/sign-in.sock http://localhost"
        said = self.paste(typed.replace("http://127.0.0.1:461", here))
        self.assertIn("204 No Content", said)
        self.assertIn("X-Auth-Request-User: alice", said)
        self.assertIn("X-Auth-Request-Workspace: team", said)


# A machine of its own, as far as these commands see one: a network, processes, and what they change of the file system.
MACHINE = r"""
mount --make-rprivate / && ip link set lo up
for folder in /run /usr/local/sbin /var/log/nginx /var/lib/nginx; do mount -t tmpfs none $folder; done
cp -R /etc/nginx "$1/etc-nginx" && mount --bind "$1/etc-nginx" /etc/nginx
serving() { pgrep -f '^nginx: worker process' | sort; }
# Nobody types on while nginx still serves by its former configuration.
systemctl() {
    serving >/run/serving; nginx -s reload
    while serving | comm -12 - /run/serving | grep -q .; do sleep 0.1; done
}
apt() { :; }
redis-server --daemonize yes --save '' --dir "$1" >/dev/null
printf 'server {\n\tlisten 80 default_server;\n\tserver_name _;\n\troot %s;\n}\n' "$1" >/etc/nginx/sites-available/default
rm -f /etc/nginx/sites-enabled/* && ln -s /etc/nginx/sites-available/default /etc/nginx/sites-enabled/
cp /etc/nginx/sites-available/default "$1/site"
nginx
cd "$1"
workers() { pgrep -x dashboard-state | sort | tr '\n' ' '; }
state() { curl -s --retry 20 --retry-delay 1 --retry-all-errors -u alice:wonderland http://localhost/api/dashboard/state; }
"""


@unittest.skipUnless(os.getuid() == 0, "only root can make namespaces")
class WithoutPackage(unittest.TestCase):
    """docs/install.md: installing, upgrading and uninstalling what `make build` has made."""

    def run_in_machine(self, script: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            # What there is in the folder of the sources.
            (Path(folder) / ".build/release").mkdir(parents=True)
            shutil.copy(WORKER, Path(folder) / ".build/release/dashboard-state-fcgi")
            (Path(folder) / "deploy").symlink_to(TOP / "deploy")
            Path(folder).chmod(0o755)
            command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-ec"]
            done = subprocess.run(
                [*command, MACHINE + script, "bash", folder], capture_output=True, text=True, timeout=240, check=False
            )
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_it_comes_is_made_anew_and_goes(self) -> None:
        text = pages.section(TOP / "docs/install.md", "Without the package")
        install, upgrade, uninstall = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        said = self.run_in_machine(
            f"{install}\necho; echo 1 $(workers)\n"
            # Somebody reads all the time.
            "while sleep 0.05; do curl -s -o /dev/null -w '%{http_code}\\n' -u alice:wonderland "
            "http://localhost/api/dashboard/state; done >$1/statuses & reader=$!\n"
            f"{upgrade}\necho 2 $(workers)\nkill $reader\nstate; echo\nsort $1/statuses | uniq -c | sed 's/^ */3 /'\n"
            f"{uninstall}\nwhile pgrep -x dashboard-state >/dev/null; do sleep 0.1; done\n"
            "diff $1/site /etc/nginx/sites-available/default\n"
            "find /etc/nginx /usr/local/sbin /run -name 'dashboard-state*' -o -name 'sample-sign-in*' | sed 's/^/4 /'\n"
            "nginx -t; redis-cli --scan\n"
        )  # fmt: skip
        before, after = (set(re.findall(rf"^{number} (.*)$", said, re.MULTILINE)[0].split()) for number in "12")
        self.assertEqual((len(before), len(after), before & after), (2, 2, set()), said)
        self.assertIn('{"success":true,"serverVersion":1}', said)
        self.assertIn('"state":{"widgets":[]}', said)
        statuses = dict(reversed(line.split()) for line in re.findall(r"^3 (.*)$", said, re.MULTILINE))
        self.assertEqual(set(statuses), {"200"}, statuses)
        self.assertEqual(re.findall(r"^4 .*", said, re.MULTILINE), [])
        self.assertIn("hyvve:dashboard:state:alice:main", said)


class WithoutWebServer(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench("documentation")
        self.addCleanup(self.bench.stop)

    def paste(self, script: str) -> str:
        """Types it in a shell, where systemctl says what it would do."""
        ahead = "systemctl() { echo systemctl \"$@\"; }\n"
        done = subprocess.run(["bash", "-ec", ahead + script], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_setting_as_an_option_and_as_a_variable(self) -> None:
        [typed] = [text for language, text in pages.blocks(TOP / "docs/configuration.md") if language == "sh"]
        self.bench.start_redis()
        lines = typed.splitlines()
        self.assertEqual(len(lines), 2)
        for number, line in enumerate(lines):
            name = f"worker-{number}"
            line = line.replace("/run/dashboard-state/worker.sock", str(self.bench.socket(name)))
            line = f"exec env {line.replace('dashboard-state-fcgi', str(self.bench.worker))}"
            self.bench.start(name, "bash", "-c", line, environment={"REDIS_URL": self.bench.redis_url})
            self.bench.await_start(name, lambda name=name: self.bench._is_reachable(name))
            self.assertEqual(self.bench.post(number + 1, {}, name=name).status, 200)
            self.bench.end(name)
            # Less would be there without it: what a start and a request say.
            self.assertEqual(self.bench.log_lines(name=name), [])

    def test_what_a_worker_says_of_itself(self) -> None:
        block = pages.blocks(TOP / "docs/operate.md")[0][1]
        port = free_port()
        self.bench.start_redis()
        self.bench.serve("--admin", f"tcp:127.0.0.1:{port}")
        typed = block.replace("127.0.0.1:9461", f"127.0.0.1:{port}")
        self.assertEqual(typed.count(str(port)), 3)
        expected = re.search(r"# (\{.*\})$", block, re.MULTILINE)
        assert expected is not None
        wait_until(lambda: expected[1] in self.paste(typed.splitlines()[0]), "readiness as the page has it")
        said = self.paste(typed)
        self.assertIn('"version"', said)
        self.assertIn("# TYPE dashboard_state_requests counter", said.replace("requests_total", "requests"))

    def test_what_to_do_with_a_prometheus(self) -> None:
        [typed] = [text for _, text in pages.blocks(TOP / "docs/operate.md") if "promtool" in text]
        prometheus = self.bench.folder / "prometheus"
        prometheus.mkdir()
        shutil.copy(TOP / "deploy/prometheus/prometheus.yml", prometheus)
        typed = typed.replace("/etc/prometheus", str(prometheus))
        said = self.paste(typed.replace("/usr/share/doc/dashboard-state/examples", str(TOP / "deploy")))
        self.assertIn("SUCCESS", said)
        self.assertTrue(said.endswith("systemctl reload prometheus\n"), said)
