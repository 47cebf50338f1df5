"""What docs/redis.md says to type or to put into a file, pasted as it is; and where the documentation's links lead."""

from __future__ import annotations

import re
import subprocess
import unittest
from pathlib import Path

from programs import TOP, WORKER
from workbench import Workbench

PAGE = TOP / "docs/redis.md"


def blocks(section: str) -> list[str]:
    """The code blocks of a section; of the page's beginning where it has no name."""
    text = PAGE.read_text()
    if section:
        text = text.partition(f"\n## {section}\n")[2]
    return re.findall(r"^```\w*\n(.*?)^```$", text.partition("\n## ")[0], re.MULTILINE | re.DOTALL)


class Pasted(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench("documentation")
        self.addCleanup(self.bench.stop)

    def paste(self, typed: str, name: str) -> str:
        """Types it in a shell whose redis-cli reaches this server, whatever port is named."""
        client = f'command redis-cli -s {self.bench.socket(name)} "$@"'
        ahead = f'redis-cli() {{ if [ "$1" = -p ]; then shift 2; fi; {client}; }}\n'
        command = ["bash", "-ec", ahead + typed]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=self.bench.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def configured(self, name: str, *lines: str) -> Path:
        file = self.bench.folder / f"{name}.conf"
        usual = [f"unixsocket {self.bench.socket(name)}", f"dir {self.bench.folder}", "port 0", ""]
        file.write_text("\n".join([*lines, *usual]))
        return file

    def test_the_lines_of_redis_conf(self) -> None:
        [lines] = blocks("")
        file = self.configured("redis", lines)
        self.bench.start("redis", "redis-server", file)
        self.bench.await_start("redis", lambda: self.bench.socket("redis").exists())
        self.assertEqual(self.bench.redis("CONFIG", "GET", "maxmemory-policy"), ["maxmemory-policy", "noeviction"])

    def test_the_user(self) -> None:
        file = self.configured("redis")
        self.bench.start("redis", "redis-server", file)
        self.bench.await_start("redis", lambda: self.bench.socket("redis").exists())
        self.assertEqual(self.paste(blocks("An ACL user")[0], "redis").split(), ["OK", "OK"])
        self.assertIn("user dashboard on", file.read_text())
        self.bench.serve(url=f"unix://dashboard:PASSWORD@{self.bench.socket('redis')}")
        self.bench.await_answer(404)
        self.assertEqual(self.bench.post(1, {"a": 1}).status, 200)
        self.assertEqual([path for path in self.bench.folder.iterdir() if "PASSWORD" in path.name], [])

    def test_the_check_as_workers_see_it(self) -> None:
        [typed] = [block for block in blocks("Before a start: `--check`") if "runuser" in block]
        settings = self.bench.folder / "settings"
        settings.write_text("# REDIS_TIMEOUT=1\nREDIS_TIMEOUT=soon\n")
        for there, here in {
            "runuser -u dashboard-state -- ": "", "/etc/default/dashboard-state": str(settings),
            "dashboard-state-fcgi": str(WORKER),
        }.items():  # fmt: skip
            self.assertIn(there, typed)
            typed = typed.replace(there, here)
        done = subprocess.run(["bash", "-c", typed], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("REDIS_TIMEOUT", done.stdout)

    def test_the_user_of_sentinels(self) -> None:
        file = self.configured("sentinel")
        self.bench.start("sentinel", "redis-server", file, "--sentinel")
        self.bench.await_start("sentinel", lambda: self.bench.socket("sentinel").exists())
        [typed] = [block for block in blocks("Sentinel") if "ACL SETUSER" in block]
        self.assertEqual(self.paste(typed, "sentinel").split(), ["OK", "OK"])
        self.assertIn("user asker on", file.read_text())


class Links(unittest.TestCase):
    def test_each_leads_somewhere(self) -> None:
        for page in [*TOP.glob("*.md"), *(TOP / "docs").glob("*.md")]:
            for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
                if re.match(r"\w+:", link):
                    continue
                with self.subTest(page=page.name, link=link):
                    path, _, title = link.partition("#")
                    target = (page.parent / path).resolve() if path else page
                    self.assertTrue(target.exists())
                    if title and target.suffix == ".md":
                        self.assertIn(title, self.titles(target))

    def titles(self, page: Path) -> set[str]:
        """As GitHub makes them into anchors."""
        found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}
