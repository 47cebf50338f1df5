"""The package on a Debian of its own: installed, started, upgraded under load, and removed."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import readme
from machine import TOP, Machine, needs_root, package_file, skip


class Load:
    """Requests over HTTPS on a machine for as long as the block runs; afterwards `statuses` counts the answers."""

    def __init__(self, machine):
        self.machine = machine
        self.statuses = {}

    def __enter__(self):
        command = [*self.machine.enter("--net"), sys.executable, "-B", TOP / "Tests/Package/load.py"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.statuses = json.loads(self.process.communicate()[0])


class MachineTests(unittest.TestCase):
    """Tests on one machine, in the order of their names."""

    @classmethod
    def setUpClass(cls):
        needs_root()
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.remove)
        shutil.copy(package_file(), cls.machine.root / "root")

    def files(self):
        """All files where packages and systemd put them."""
        return set(self.machine.run("find /etc /lib/systemd /run /usr /var/lib -xdev | sort").stdout.splitlines())

    def service(self):
        return self.machine.run("systemctl show --property ActiveState --value 'dashboard-state*'").stdout.split()


class WithoutSystemdTests(MachineTests):
    """Where nothing is booted: an image that is being built."""

    def test_1_it_installs_where_systemd_does_not_run(self):
        self.machine.run("apt-get install -qq --yes ./dashboard-state_*.deb nginx redis-server")
        self.assertEqual(self.machine.run("command -v swift swiftc || true").stdout, "")
        self.assertRegex(self.machine.run("dashboard-state-fcgi --version").stdout, r"^dashboard-state-fcgi \d")
        self.assertRegex(self.machine.run("getent passwd dashboard-state").stdout, r":/nonexistent:/usr/sbin/nologin$")

    def test_2_it_starts_at_the_next_boot(self):
        self.machine.boot()
        for _ in range(50):
            if self.service() == ["active"] * 5:
                break
            self.machine.run("sleep 0.1")
        self.assertEqual(self.service(), ["active"] * 5)
        self.assertIn("serving", self.machine.run("journalctl --unit dashboard-state@2").stdout)

    def test_3_a_site_that_is_there_takes_it_up(self):
        before = self.machine.run("cat /etc/nginx/nginx.conf").stdout
        readme.run(self, self.machine, "Behind nginx", 1)
        self.assertEqual(self.machine.run("cat /etc/nginx/nginx.conf").stdout, before)
        self.assertIn("Welcome to nginx", self.machine.run("curl --silent http://localhost/").stdout)

    def test_4_nginx_starts_without_the_sample_sign_in(self):
        self.machine.run("rm /etc/nginx/conf.d/sample-sign-in.nginx.conf; systemctl restart nginx")
        answer = self.machine.run("curl --silent http://localhost/api/dashboard/state").stdout
        self.assertIn("sign-in-unavailable", answer)


class ApacheTests(MachineTests):
    """An empty machine on which somebody does what README.md says of Apache."""

    def test_it_serves_behind_apache_in_under_ten_commands(self):
        self.machine.boot()
        readme.run(self, self.machine, "Behind Apache")
        answer = self.machine.run(
            "curl --silent --insecure --user alice:wonderland https://localhost/api/dashboard/state"
        ).stdout
        self.assertTrue(answer.startswith('{"version":1,'), answer)
        # And in a site that is there, whatever it is.
        self.machine.run("a2dissite dashboard-state; systemctl reload apache2")
        readme.run(self, self.machine, "Behind Apache", 1)


class ServiceTests(MachineTests):
    """An empty machine on which somebody does what README.md says, and then operates it."""

    def ask(self):
        """One request through nginx, by a client that does not try again."""
        return self.machine.run(
            "curl --silent --insecure --user alice:wonderland --output /dev/null --write-out '%{http_code}' "
            "https://localhost/api/dashboard/state"
        ).stdout

    def drop_in(self, name, change=lambda text: text):
        """Puts one of the examples where it says it belongs, and restarts the workers."""
        text = (self.machine.root / f"usr/share/doc/dashboard-state/examples/drop-ins/{name}").read_text()
        self.machine.put(f"/etc/systemd/system/dashboard-state@.service.d/{name}", change(text))
        self.restart()

    def undo_drop_ins(self):
        shutil.rmtree(self.machine.root / "etc/systemd/system/dashboard-state@.service.d", ignore_errors=True)
        self.restart()

    def restart(self):
        # nginx first, so that the workers need not wait for its connections.
        self.machine.run("systemctl daemon-reload; systemctl stop nginx; systemctl restart 'dashboard-state@*'")
        self.machine.run("systemctl start nginx")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.boot()

    def test_01_it_serves_behind_nginx_in_under_ten_commands(self):
        type(self).before = self.files()
        readme.run(self, self.machine, "Behind nginx")
        self.assertEqual(self.ask(), "200")
        self.assertEqual(self.machine.run("systemctl is-system-running").stdout, "running\n")
        # A worker that stops waits this long for connections that nginx keeps idle: here no longer than needed.
        self.machine.run("echo DASHBOARD_STATE_DRAIN_TIMEOUT=1 >>/etc/default/dashboard-state")
        self.restart()

    def test_02_the_units_are_well_formed(self):
        done = self.machine.run("systemd-analyze verify --man=no /lib/systemd/system/dashboard-state*")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_03_only_the_web_server_can_connect(self):
        sockets = self.machine.run("stat --format '%U:%G %a %n' /run/dashboard-state /run/dashboard-state/w*").stdout
        self.assertEqual(sockets.splitlines(), [
            "root:www-data 750 /run/dashboard-state",
            "root:www-data 660 /run/dashboard-state/worker-1.sock",
            "root:www-data 660 /run/dashboard-state/worker-2.sock",
            "root:www-data 660 /run/dashboard-state/worker.sock",
        ])

    def test_04_a_worker_is_confined(self):
        status = self.machine.status(1)
        user = self.machine.run("id --user dashboard-state").stdout.strip()
        self.assertEqual(set(status["Uid"].split()), {user})
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        # What its folders look like from its own place: nothing but its own devices and temporary files can be written.
        worker = self.machine.worker(1)
        mounts = self.machine.run(f"cat /proc/{worker}/mountinfo").stdout
        options = {line.split()[4]: line.split()[5] for line in mounts.splitlines()}
        for path in ("/", "/dev", "/proc", "/sys"):
            self.assertIn("nosuid" if path in ("/dev", "/proc") else "ro", options[path].split(","), path)
        self.assertRegex(self.machine.run(f"ls /proc/{worker}/root/tmp | wc -l").stdout, "^0$")
        limits = self.machine.run(f"grep 'open files' /proc/{worker}/limits").stdout.split()
        self.assertEqual(limits[3], limits[4])
        self.assertGreater(int(limits[3]), 1024)

    def test_05_a_worker_makes_no_call_that_is_forbidden(self):
        # Here forbidden calls kill it, instead of failing: it starts, serves, loses Redis, and stops all the same.
        self.machine.put("/etc/systemd/system/dashboard-state@.service.d/kill.conf",
                         "[Service]\nSystemCallErrorNumber=\nSystemCallErrorNumber=kill\n")
        self.restart()
        self.assertEqual(self.ask(), "200")
        pids = [self.machine.worker(1), self.machine.worker(2)]
        with Load(self.machine) as load:
            self.machine.run("sleep 1; systemctl stop redis-server")
            self.assertEqual(self.ask(), "503")
            self.machine.run("systemctl start redis-server")
            for _ in range(50):
                if self.ask() != "503":
                    break
        self.assertEqual(set(load.statuses) - {"503"}, {"200", "404"} & set(load.statuses))
        self.assertGreater(load.statuses["200"], 50)
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], pids)
        self.undo_drop_ins()
        log = self.machine.run("journalctl --unit 'dashboard-state@*' --output cat").stdout
        self.assertNotIn("SYS", log)
        self.assertNotIn("Failed with result", log)

    def test_06_starting_a_worker_leaves_the_sockets_of_the_others_as_they_are(self):
        # This one does nothing with them, so they stay as systemd has made them for it. Were they blocking, a worker
        # that has accepted all there is would wait for more, and leave what it has unanswered.
        self.machine.put("/etc/systemd/system/dashboard-state@3.service.d/idle.conf",
                         "[Service]\nType=exec\nExecStart=\nExecStart=/usr/bin/sleep 60\n")
        self.machine.run("systemctl daemon-reload; systemctl start dashboard-state@3")
        listening = f"/proc/{self.machine.worker(1)}/fdinfo/[345]"
        flags = re.findall(r"flags:\s+(\d+)", self.machine.run(f"cat {listening}").stdout)
        self.assertEqual([int(octal, 8) & os.O_NONBLOCK for octal in flags], [os.O_NONBLOCK] * 3)
        self.assertEqual(self.ask(), "200")
        self.machine.run("systemctl stop dashboard-state@3; rm -r /etc/systemd/system/dashboard-state@3.service.d")
        self.machine.run("systemctl daemon-reload")

    def served_throughout(self, load):
        self.assertLessEqual(set(load.statuses), {"200", "404"}, load.statuses)
        self.assertGreater(load.statuses["200"], 50)

    def test_07_workers_restart_under_load_and_nobody_notices(self):
        before = [self.machine.worker(1), self.machine.worker(2)]
        with Load(self.machine) as load:
            self.machine.run("sleep 0.3; systemctl reload dashboard-state; sleep 0.3")
        self.served_throughout(load)
        after = [self.machine.worker(1), self.machine.worker(2)]
        self.assertEqual(set(before) & set(after) | {0} & set(after), set())

    def test_08_an_upgrade_under_load_goes_unnoticed_and_restarts_every_worker(self):
        before = [self.machine.worker(1), self.machine.worker(2)]
        with Load(self.machine) as load:
            self.machine.run("apt-get install -qq --yes --reinstall ./dashboard-state_*.deb; sleep 0.3")
        self.served_throughout(load)
        after = [self.machine.worker(1), self.machine.worker(2)]
        self.assertEqual(set(before) & set(after) | {0} & set(after), set())

    def test_08_an_upgrade_that_does_not_start_leaves_the_old_one_serving_and_fails_loudly(self):
        before = [self.machine.worker(1), self.machine.worker(2)]
        self.machine.run("""
            dpkg-deb -R ./dashboard-state_*.deb broken
            printf '#!/bin/sh\\necho no >&2\\nexit 1\\n' >broken/usr/sbin/dashboard-state-fcgi
            dpkg-deb --build broken broken.deb
        """)
        with Load(self.machine) as load:
            done = self.machine.run("apt-get install -qq --yes --allow-downgrades --reinstall ./broken.deb", check=False)
        self.served_throughout(load)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("dashboard-state@1.service does not serve", done.stdout + done.stderr)
        self.assertEqual(self.machine.worker(2), before[1])
        self.machine.run("rm -r broken broken.deb; dpkg --install ./dashboard-state_*.deb")
        after = [self.machine.worker(1), self.machine.worker(2)]
        self.assertEqual(set(before) & set(after) | {0} & set(after), set())
        self.assertEqual(self.service(), ["active"] * 5)

    def test_08_a_restart_of_all_takes_no_socket_away(self):
        sockets = "stat --format %i /run/dashboard-state/*.sock"
        before = self.machine.run(sockets).stdout
        workers = [self.machine.worker(1), self.machine.worker(2)]
        with Load(self.machine) as load:
            self.machine.run("sleep 0.3; systemctl restart dashboard-state.target; sleep 0.3")
        self.served_throughout(load)
        self.assertEqual(self.machine.run(sockets).stdout, before)
        self.assertNotIn(self.machine.worker(1), workers)

    def test_08_it_says_how_it_does(self):
        self.machine.run("systemctl reload dashboard-state")
        self.ask(), self.ask()
        for worker in (1, 2):
            text = self.machine.run(f"systemctl show -p StatusText --value dashboard-state@{worker}").stdout
            self.assertIn(text.strip(), ("connected to Redis", ""))
        self.machine.run("systemctl stop redis-server")
        told = []
        for _ in range(20):
            self.ask()
            told = [self.machine.run(f"systemctl show -p StatusText --value dashboard-state@{worker}").stdout
                    for worker in (1, 2)]
            if all("Redis" in text and "connected" not in text for text in told):
                break
        self.machine.run("systemctl start redis-server")
        self.assertTrue(any("Redis cannot be used: " in text for text in told), told)
        for _ in range(50):
            if self.ask() == "200":
                break

    def test_08_a_worker_that_hangs_is_started_again(self):
        self.machine.put("/etc/systemd/system/dashboard-state@1.service.d/soon.conf", "[Service]\nWatchdogSec=2\n")
        self.machine.run("systemctl daemon-reload; systemctl restart dashboard-state@1")
        before = self.machine.worker(1)
        self.machine.run(f"sleep 4; kill -0 {before}; kill -STOP {before}")
        for _ in range(200):
            self.machine.run("sleep 0.1")
            if self.machine.worker(1) not in (0, before):
                break
        self.assertNotIn(self.machine.worker(1), (0, before))
        self.assertIn("watchdog", self.machine.run("journalctl --unit dashboard-state@1").stdout.lower())
        self.machine.run("rm -r /etc/systemd/system/dashboard-state@1.service.d; systemctl daemon-reload")
        # nginx passes over addresses for a while that did not answer.
        self.machine.run("systemctl restart dashboard-state@1; systemctl restart nginx")
        self.assertEqual(self.service(), ["active"] * 5)

    def test_09_workers_come_and_go_under_load(self):
        with Load(self.machine) as load:
            self.machine.run("systemctl enable --quiet --now dashboard-state@3; sleep 0.3")
            self.machine.run("systemctl stop dashboard-state@1; sleep 0.3")
            self.assertEqual(self.machine.worker(1), 0)
            self.machine.run("systemctl stop dashboard-state@2; sleep 0.3")
        self.served_throughout(load)
        # The others serve, so nothing has started these again.
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], [0, 0])
        self.assertNotEqual(self.machine.worker(3), 0)
        # Where none is left, a request starts one, and waits for it.
        self.machine.run("systemctl disable --quiet --now dashboard-state@3")
        self.assertEqual(self.ask(), "200")
        self.assertNotEqual(self.machine.worker(1), 0)
        self.machine.run("systemctl start dashboard-state.target")
        self.assertEqual(self.service(), ["active"] * 5)

    def test_10_nginx_reloads_under_load_and_nobody_notices(self):
        with Load(self.machine) as load:
            self.machine.run("for reload in 1 2 3; do sleep 0.3; systemctl reload nginx; done; sleep 0.3")
        load.statuses.pop("stale", None)  # nginx itself closes the connections of clients.
        self.served_throughout(load)

    def test_11_a_worker_that_is_killed_is_started_again(self):
        before = self.machine.worker(1)
        with Load(self.machine) as load:
            self.machine.run(f"sleep 0.3; kill -KILL {before}; sleep 4")
        # What was in flight may have failed, one request of each of the four clients.
        self.assertLessEqual(load.statuses.pop("503", 0), 4)
        self.served_throughout(load)
        self.assertNotIn(self.machine.worker(1), (0, before))

    def test_12_the_password_of_redis_comes_from_systemd(self):
        self.machine.run("redis-cli CONFIG SET requirepass 'open sesame'")
        self.restart()
        self.assertEqual(self.ask(), "503")
        self.machine.put("/etc/dashboard-state/redis-password", "open sesame\n", 0o600)
        self.drop_in("redis-password.conf")
        self.assertEqual(self.ask(), "200")
        worker = self.machine.worker(1)
        seen = self.machine.run(f"cat /proc/{worker}/environ /proc/{worker}/cmdline | tr '\\0' '\\n'").stdout
        self.assertNotIn("sesame", seen)
        self.assertRegex(seen, r"REDIS_PASSWORD_FILE=/run/credentials/dashboard-state@1.service/redis-password\n")
        self.machine.run("redis-cli --no-auth-warning -a 'open sesame' CONFIG SET requirepass ''")
        self.undo_drop_ins()

    def test_13_a_proxy_secret_comes_from_systemd(self):
        self.machine.put("/etc/dashboard-state/proxy-secret", "between us\n", 0o600)
        self.drop_in("proxy-secret.conf")
        self.assertEqual(self.ask(), "403")
        file = "/etc/nginx/snippets/dashboard-state-fastcgi.conf"
        parameter = 'fastcgi_param PROXY_SECRET "between us";'
        self.machine.run(f"cp {file} {file}.old; sed -i '/fastcgi_param REMOTE_USER/i {parameter}' {file}")
        self.machine.run("systemctl restart nginx")
        self.assertEqual(self.ask(), "200")
        self.machine.run(f"mv {file}.old {file}")
        self.undo_drop_ins()

    def test_13_a_secret_that_is_missing_is_told_once(self):
        before = self.machine.worker(2)
        text = (self.machine.root / "usr/share/doc/dashboard-state/examples/drop-ins/proxy-secret.conf").read_text()
        self.machine.run("rm -f /etc/dashboard-state/proxy-secret")
        self.machine.put("/etc/systemd/system/dashboard-state@.service.d/proxy-secret.conf", text)
        self.machine.run("systemctl daemon-reload")
        self.assertNotEqual(self.machine.run("systemctl reload dashboard-state", check=False).returncode, 0)
        self.machine.run("sleep 5")
        # It is not tried again and again, and says what is missing.
        log = self.machine.run("journalctl --unit dashboard-state@1 --since -10s --output cat").stdout
        self.assertEqual(log.count("asserts failed"), 1, log)
        status = self.machine.run("systemctl status dashboard-state@1", check=False).stdout
        self.assertIn("/etc/dashboard-state/proxy-secret", status)
        # The other one goes on without it.
        self.assertEqual(self.machine.worker(2), before)
        self.assertIn(self.ask(), ("200", "404"))
        # Once it is there, both have it.
        self.machine.put("/etc/dashboard-state/proxy-secret", "between us\n", 0o600)
        self.machine.run("systemctl reload dashboard-state")
        self.assertEqual(self.service(), ["active"] * 5)
        self.assertEqual(self.ask(), "403")
        self.undo_drop_ins()

    def test_14_with_redis_on_a_unix_socket_a_worker_has_no_network(self):
        self.machine.run(
            "printf 'unixsocket /run/redis/redis-server.sock\\nunixsocketperm 770\\n' >>/etc/redis/redis.conf; "
            "systemctl restart redis-server"
        )
        self.drop_in("redis-unix-socket.conf")
        self.assertIn(self.ask(), ("200", "404"))
        interfaces = self.machine.run(f"cat /proc/{self.machine.worker(1)}/net/dev").stdout
        self.assertEqual(len(interfaces.splitlines()), 3, interfaces)
        outside, inside = self.machine.run(f"readlink /proc/1/ns/net /proc/{self.machine.worker(1)}/ns/net").stdout.split()
        self.assertNotEqual(outside, inside)
        self.undo_drop_ins()

    def test_15_a_redis_on_another_machine_is_reached_where_that_is_allowed(self):
        # An address that is not loopback's, though it is on this machine: the one in the example.
        self.machine.run("ip addr add 192.0.2.7/32 dev lo")
        self.machine.run("redis-cli CONFIG SET protected-mode no; redis-cli CONFIG SET bind '127.0.0.1 192.0.2.7'")
        self.drop_in("redis-elsewhere.conf")
        self.assertIn(self.ask(), ("200", "404"))
        # What the units shut, a kernel without filters for control groups leaves open: systemd says no word of it.
        self.machine.put("/etc/systemd/system/probe.service", """[Service]
            Type=oneshot
            ExecStart=bash -c "exec 3<>/dev/tcp/192.0.2.7/6379"
            IPAddressDeny=any
            """)
        is_filtering = self.machine.run("systemctl daemon-reload; systemctl start probe", check=False).returncode != 0
        self.drop_in("redis-elsewhere.conf", lambda text: text.replace("\nIPAddressAllow=", "\n#IPAddressAllow="))
        status = self.ask()
        self.undo_drop_ins()
        if not is_filtering:
            skip("this kernel filters no addresses: not tested that a worker reaches this machine only")
        self.assertEqual(status, "503")

    def test_16_a_wrong_setting_is_explained_and_can_be_put_right(self):
        self.machine.run("echo DASHBOARD_STATE_THREADS=none >>/etc/default/dashboard-state")
        self.machine.run("systemctl stop nginx; systemctl restart 'dashboard-state@*' || true; systemctl start nginx")
        for worker in (1, 2):
            state = self.machine.run(f"systemctl show -p Result -p ExecMainStatus dashboard-state@{worker}").stdout
            self.assertEqual(set(state.split()), {"Result=exit-code", "ExecMainStatus=78"})
        self.assertIn("expected a number of threads", self.machine.run("journalctl -u 'dashboard-state@*'").stdout)
        self.assertEqual(self.ask(), "503")
        self.machine.run("sed -i '/THREADS=none/d' /etc/default/dashboard-state; systemctl restart dashboard-state.target")
        self.assertIn(self.ask(), ("200", "404"))
        self.assertEqual(self.service(), ["active"] * 5)

    def test_16_a_wrong_setting_and_the_documented_restart_are_no_outage(self):
        workers = [self.machine.worker(1), self.machine.worker(2)]
        self.machine.run("echo DASHBOARD_STATE_THREADS=none >>/etc/default/dashboard-state")
        with Load(self.machine) as load:
            done = self.machine.run("systemctl reload dashboard-state", check=False)
        self.served_throughout(load)
        self.assertNotEqual(done.returncode, 0)
        log = self.machine.run("journalctl --unit dashboard-state --unit 'dashboard-state@*' --output cat").stdout
        self.assertIn("dashboard-state@1.service does not serve", log)
        self.assertEqual(self.machine.worker(2), workers[1])
        self.machine.run("sed -i '/THREADS=none/d' /etc/default/dashboard-state; systemctl reload dashboard-state")
        self.assertEqual(self.service(), ["active"] * 5)

    def test_17_stopping_it_leaves_no_socket_behind(self):
        # To stop the target does not wait for the rest, so name that too.
        self.machine.run("systemctl stop dashboard-state.target dashboard-state.socket 'dashboard-state@*'")
        self.assertNotIn("worker", self.machine.run("ls /run/dashboard-state").stdout)
        self.assertEqual(self.ask(), "503")

    def test_18_purging_it_leaves_nothing_behind(self):
        self.machine.put("/etc/dashboard-state/redis-password", "open sesame\n", 0o600)
        self.machine.put("/etc/systemd/system/dashboard-state@.service.d/a.conf", "[Service]\n")
        self.machine.run("systemctl start dashboard-state.target; systemctl enable --quiet --now dashboard-state@3")
        self.machine.run("apt-get purge -qq --yes dashboard-state")
        self.assertEqual(self.service(), [])
        left = {file for file in self.files() - self.before if re.search("dashboard.state", file)}
        # What README.md has made by hand, and what apt and systemd remember of anything.
        left = {file for file in left if not file.startswith(("/etc/ssl/", "/var/lib/systemd/", "/run/systemd/"))}
        self.assertEqual(left, set())
