"""The incidents of docs/runbook.md that want systemd, what its first lines show, and backups as docs/redis.md has them."""

import time

import documents
import runbook
from test_install import Load, MachineTests


class IncidentTests(MachineTests):
    """A machine with the service behind nginx, as docs/install.md has it, on which things go wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.boot()

    def is_up(self, worker):
        """What a Prometheus makes `up` of."""
        done = self.machine.run(f"curl --silent --max-time 1 http://127.0.0.1:{9460 + worker}/metrics", check=False)
        return done.returncode == 0 and "dashboard_state_loops" in done.stdout

    def told(self, pieces, since):
        """The lines of the journal that have these pieces."""
        log = self.machine.run(f"journalctl --unit 'dashboard-state*' --since '{since}' --output cat").stdout
        return [line for line in log.splitlines() if all(piece in line for piece in pieces)]

    def expect_over(self, title, since, workers):
        """So many workers, or more that were tried again at pauses, have told that it is over."""
        for _ in range(50):
            # The log is written behind what systemd is told.
            if len(told := self.told(runbook.Entry(title).over, since)) >= workers:
                return
            time.sleep(0.1)
        self.fail(told)

    def now(self):
        # The journal is asked by seconds.
        time.sleep(1)
        return self.machine.run("date '+%F %T'").stdout.strip()

    def paste(self, title, number=0, check=True, **other):
        commands = runbook.Entry(title).commands(number, language="")
        for there, here in other.items():
            self.assertIn(there, commands)
            commands = commands.replace(there, here)
        return self.machine.run(commands, check=check)

    def expect_served(self, load):
        self.assertLessEqual(set(load.statuses), {"200", "404"}, load.statuses)
        self.assertGreater(load.statuses["200"], 0)

    def test_1_the_first_lines(self):
        documents.save(self, self.machine, documents.commands("docs/install.md", "Behind nginx", 1))
        self.assertEqual((self.is_up(1), self.is_up(2)), (True, True))
        # Those behind it want Redis, whatever is found here.
        self.addCleanup(self.machine.run, "systemctl start redis-server")
        self.machine.run("systemctl stop redis-server")
        away = runbook.Entry("Redis is away")
        for _ in range(50):
            self.machine.run("curl -ks -u alice:wonderland https://localhost/api/dashboard/state; sleep 0.1")
            said = self.machine.run(runbook.first_commands(), check=False).stdout
            if all(piece in said for piece in away.line):
                break
        self.assertIn("Redis cannot be used reason=", said)
        self.assertIn("Redis cannot be used: ", said)
        self.assertIn('"status":"unavailable"', said)
        self.assertNotIn(" serving ", said)
        self.machine.run("systemctl start redis-server")
        for _ in range(50):
            said = self.machine.run(runbook.first_commands()).stdout
            if '"status":"ready"' in said:
                break
        self.assertIn('"status":"ready"', said)

    def test_2_a_setting_is_wrong(self):
        entry, since = runbook.Entry("A setting is wrong"), self.now()
        before = [self.machine.worker(1), self.machine.worker(2)]
        self.machine.run("echo DASHBOARD_STATE_THREADS=none >>/etc/default/dashboard-state")
        with Load(self.machine) as load:
            done = self.paste("A setting is wrong", check=False)
        self.expect_served(load)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], before)
        self.assertEqual(len(self.told(entry.line, since)), 1)
        # Whoever restarts one all the same.
        self.machine.run("systemctl restart dashboard-state@1", check=False)
        self.assertEqual((self.is_up(1), self.is_up(2)), (False, True))
        self.machine.run("sed -i '/THREADS=none/d' /etc/default/dashboard-state")
        since = self.now()
        said = self.paste("A setting is wrong")
        self.assertTrue(all(piece in said.stdout for piece in entry.line))
        self.expect_over("A setting is wrong", since, 2)
        self.assertEqual((self.is_up(1), self.is_up(2)), (True, True))

    def test_3_a_release_does_not_start(self):
        entry, before = runbook.Entry("A release does not start"), self.machine.worker(2)
        self.machine.run("""
            dpkg-deb -R ./dashboard-state_*.deb broken
            printf '%s\\n' '#!/bin/sh' '[ "$1" = --check ] && exit' 'echo a new mistake >&2' 'exit 1' \\
                >broken/usr/sbin/dashboard-state-fcgi
            dpkg-deb --build broken broken.deb; rm -r broken
        """)
        with Load(self.machine) as load:
            done = self.machine.run("dpkg --install ./broken.deb", check=False)
        self.expect_served(load)
        self.assertNotEqual(done.returncode, 0)
        for piece in entry.line:
            self.assertIn(piece, done.stdout + done.stderr)
        self.assertEqual((self.is_up(1), self.is_up(2)), (False, True))
        self.assertEqual(self.machine.worker(2), before)
        since = self.now()
        former = self.machine.run("ls ./dashboard-state_*.deb").stdout.strip()
        said = self.paste("A release does not start", **{"./dashboard-state_VERSION_amd64.deb": former})
        self.assertIn("a new mistake", said.stdout)
        self.expect_over("A release does not start", since, 2)
        self.assertEqual((self.is_up(1), self.is_up(2)), (True, True))

    def test_4_a_worker_hangs(self):
        [line] = runbook.Entry("A worker hangs").line
        self.machine.put("/etc/systemd/system/dashboard-state@1.service.d/soon.conf", "[Service]\nWatchdogSec=4\n")
        self.machine.run("systemctl daemon-reload; systemctl restart dashboard-state@1")
        before, since = self.machine.worker(1), self.now()
        self.machine.run(f"kill -STOP {before}")
        self.assertEqual((self.is_up(1), self.is_up(2)), (False, True))
        for _ in range(200):
            self.machine.run("sleep 0.1")
            if self.machine.worker(1) not in (0, before) and self.is_up(1):
                break
        self.assertIn("30s", line)
        self.assertEqual(len(self.told([line.replace("30s", "4s")], since)), 1)
        self.expect_over("A worker hangs", since, 1)
        self.assertEqual((self.is_up(1), self.is_up(2)), (True, True))
        self.machine.run("rm -r /etc/systemd/system/dashboard-state@1.service.d; systemctl daemon-reload")

    def test_5_the_log(self):
        said = self.paste("The log cannot be written").stdout
        self.assertIn("take up", said)
        self.assertIn("active (running)", said)

    def test_6_states_are_backed_up_and_restored(self):
        ask = "curl -ks -u alice:wonderland -H 'Content-Type: application/json' https://localhost/api/dashboard/state"
        before = self.machine.run(ask).stdout
        self.assertIn('"version":', before)
        self.assertIn("RDB looks OK", self.restore(0))
        newer = f"""{ask} -d '{{"version":1000000000,"state":{{"a":"new"}}}}'"""
        self.assertIn('"success":true', self.machine.run(newer).stdout)
        self.restore(1)
        for _ in range(50):
            found = self.machine.run(ask).stdout
            if "storage-unavailable" not in found:
                break
        self.assertEqual(found, before)
        self.assertIn("dump.rdb", self.machine.run("ls /var/lib/redis.before").stdout)
        # One user's state alone, which was another one in the meantime. Each loop of each worker finds Redis again by itself.
        for _ in range(50):
            saved = self.machine.run(newer).stdout
            if "storage-unavailable" not in saved:
                break
        self.assertIn('"success":true', saved)
        self.restore(2)
        for _ in range(50):
            found = self.machine.run(ask).stdout
            if "storage-unavailable" not in found:
                break
        self.assertIn('"version":1000000001', found)
        self.assertEqual(found.partition('"state":')[2], before.partition('"state":')[2])

    def restore(self, block):
        return self.machine.run("\n".join(documents.commands("docs/redis.md", "Backup and restore", block))).stdout
