"""What docs/redis.md says to type or to put into a file, pasted as it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import unittest
from pathlib import Path

from cases import on_every_server
from programs import TOP, WORKER, is_answering
from redis_servers import servers
from workbench import Workbench, document, key

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
        self.bench.await_start("redis", lambda: is_answering(self.bench.socket("redis")))
        self.assertEqual(self.bench.redis("CONFIG", "GET", "maxmemory-policy"), ["maxmemory-policy", "noeviction"])

    def test_the_user(self) -> None:
        file = self.configured("redis")
        self.bench.start("redis", "redis-server", file)
        self.bench.await_start("redis", lambda: is_answering(self.bench.socket("redis")))
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
        self.bench.await_start("sentinel", lambda: is_answering(self.bench.socket("sentinel")))
        [typed] = [block for block in blocks("Sentinel") if "ACL SETUSER" in block]
        self.assertEqual(self.paste(typed, "sentinel").split(), ["OK", "OK"])
        self.assertIn("user asker on", file.read_text())


@on_every_server
class Backup:
    """What is there to type, on a machine whose /var/lib/redis and /var/backups are folders of the test's."""

    server = "redis-7.0"
    bench: Workbench

    def setUp(self) -> None:
        if os.getuid() != 0:
            self.skipTest("only root can install files for another user")
        self.bench = Workbench("backup")
        self.addCleanup(self.bench.stop)
        self.data, self.backups = self.bench.folder / "lib-redis", self.bench.folder / "backups"
        self.data.mkdir()
        self.backups.mkdir()
        # The servers' own: an older one does not read what a newer one has written.
        self.check_rdb = self.bench.folder / "redis-check-rdb"
        self.check_rdb.symlink_to(servers()[self.server])

    def start(self, log_of_writes: str) -> None:
        self.options = ["--dir", self.data, "--appendonly", log_of_writes, "--save", "3600 1"]
        self.bench.run_redis(self.bench.socket("redis"), *self.options, program=servers()[self.server])
        self.bench.serve("--threads", "1")
        self.bench.await_answer(404)

    def paste(self, number: int) -> str:
        """Types a block in two halves where the server is stopped and started in it, which this does."""
        typed = blocks("Backup and restore")[number]
        said = ""
        for part in re.split(r"^(systemctl \w+ redis-server)$", typed, flags=re.MULTILINE):
            if part == "systemctl stop redis-server":
                self.bench.end("redis")
            elif part == "systemctl start redis-server":
                self.bench.run_redis(self.bench.socket("redis"), *self.options, program=servers()[self.server])
            else:
                said += self.type(part)
        return said

    def type(self, typed: str) -> str:
        folder = self.bench.folder
        for there, here in {
            "/var/lib/redis": self.data, "/var/backups": self.backups, "/tmp/backup.sock": folder / "backup.sock",
            "redis-server --port": f"{servers()[self.server]} --port", "alice:main": "u1:w1",
            "redis-check-rdb": str(self.check_rdb), " -o redis -g redis": "",
        }.items():  # fmt: skip
            typed = typed.replace(there, str(here))
        client = f'redis-cli() {{ if [ "$1" != -s ]; then set -- -s {self.bench.socket("redis")} "$@"; fi; command redis-cli "$@"; }}\n'
        command = ["bash", "-eo", "pipefail", "-c", client + typed]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder)
        self.assertEqual(done.returncode, 0, f"{typed}\n{done.stdout}{done.stderr}")
        return done.stdout

    def test_with_a_log_of_writes(self) -> None:
        self.check("yes")

    def test_with_snapshots(self) -> None:
        self.check("no")

    def check(self, log_of_writes: str) -> None:
        self.start(log_of_writes)
        first = self.bench.post(1, {"by": "before"}).etag
        self.bench.redis("SET", key("brief"), document(1, {}), "PX", 500)
        self.assertRegex(self.paste(0), "RDB looks OK")
        before = self.bench.stored()
        newer = self.bench.post(5, {"by": "after"}).etag
        self.bench.post(1, {"by": "other"}, user="other")
        time.sleep(0.5)
        self.assertEqual(self.paste(1).strip(), "1")
        # What the backup has, with its entity tag, and what has ended since not.
        self.bench.await_answer(200)
        self.assertEqual((self.bench.stored(), self.bench.ask("GET").etag), (before, first))
        self.assertEqual(self.bench.ask("GET", user="other").status, 404)
        self.assertEqual(self.bench.ask("GET", user="brief").status, 404)
        self.assertGreater(self.bench.redis("TTL", key("u1")), 2500000)
        # A client that knows something newer.
        self.assertEqual(self.bench.post(6, {"by": "client"}, if_match=newer).status, 412)
        self.assertEqual(self.bench.post(6, {"by": "client"}).json["conflictResolution"], "client")
        # It is kept from now on, as before.
        self.assertEqual(self.bench.redis("CONFIG", "GET", "appendonly")[1], log_of_writes)
        if log_of_writes == "no":
            self.bench.redis("SAVE")
        self.bench.end("redis")
        self.bench.run_redis(self.bench.socket("redis"), *self.options, program=servers()[self.server])
        self.bench.await_answer(200)
        self.assertEqual(self.bench.ask("GET").json["state"], {"by": "client"})

    def test_one_state_alone(self) -> None:
        self.start("yes")
        body = '{"version": 1, "state": {"by": "before \\u00e9 é",\n"b":  [1]\n}\n}'
        self.assertEqual(self.bench.ask("POST", body).status, 200)
        self.paste(0)
        for version in (2, 3, 4):
            self.bench.post(version, {"by": "a mistake"})
        self.bench.post(2, {"by": "other"}, user="other")
        self.paste(2)
        answer = self.bench.ask("GET")
        self.assertEqual((answer.json["version"], answer.json["state"]), (5, json.loads(body)["state"]))
        self.assertNotIn("ancestry", answer.json)
        self.assertEqual(self.bench.ask("GET", user="other").json["version"], 2)
        self.assertGreater(self.bench.redis("TTL", key("u1")), 2500000)
        self.assertFalse((self.bench.folder / "backup.sock").exists())
        # Clients go on from it, and those who have not seen it are refused.
        self.assertFalse(self.bench.post(4, {"by": "a mistake"}).json["success"])
        self.assertEqual(self.bench.post(6, {"by": "client"}, if_match=answer.etag).status, 200)
