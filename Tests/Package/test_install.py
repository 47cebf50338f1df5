"""The package on a Debian of its own: installed, started, upgraded under load, and removed."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import documents
from machine import TOP, Machine, needs_root, package_file, skip


SECRET = "A secret between the web server and the workers"


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

    def read(self, path, options=""):
        """The answer to a request of the sample user, and its status behind it."""
        return self.machine.run(
            f"curl --silent --insecure --user alice:wonderland --write-out ' %{{http_code}}' {options} {path}"
        ).stdout

    def paste(self, document, heading, block=0):
        return self.machine.run("\n".join(documents.commands(document, heading, block)))

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
        documents.save(self, self.machine, documents.only_block_with("README.md", "apt install"))
        self.assertEqual(self.machine.run("cat /etc/nginx/nginx.conf").stdout, before)
        self.assertIn("Welcome to nginx", self.machine.run("curl --silent http://localhost/").stdout)

    def test_4_nginx_starts_without_the_sample_sign_in(self):
        self.machine.run("rm /etc/nginx/conf.d/sample-sign-in.nginx.conf; systemctl restart nginx")
        answer = self.machine.run("curl --silent http://localhost/api/dashboard/state").stdout
        self.assertIn("sign-in-unavailable", answer)


class SiteTests(MachineTests):
    """A machine that has an nginx with a site, on which somebody does what docs/install.md says, to the end."""

    SITE = "/etc/nginx/sites-available/default"

    def site(self):
        return self.read("http://localhost/")

    def state(self):
        return self.read("http://localhost/api/dashboard/state")

    def test_1_a_site_that_is_there_takes_it_up(self):
        self.machine.run("apt-get install -qq --yes nginx")
        self.machine.boot()
        self.machine.run(f"echo 'our site' >/var/www/html/index.html; cp {self.SITE} /root/site")
        lines = documents.commands("docs/install.md", "Behind nginx")
        documents.save(self, self.machine, lines)
        self.assertEqual(self.site(), "our site\n 200")
        # It serves what pages need.
        self.assertRegex(self.read("http://localhost/web/index.js"), "(?s)export .* 200$")
        self.assertEqual(self.read("http://localhost/demo/me"), '{"user":"alice","workspace":"main"} 200')

    def test_2_nginx_starts_again_after_it_was_killed(self):
        self.machine.run("systemctl kill --signal=KILL nginx; sleep 0.5; systemctl reset-failed nginx; systemctl start nginx")
        self.assertTrue(self.state().endswith(" 200"))

    def test_2_nginx_runs_as_another_user(self):
        # As nginx.org's package has it.
        self.machine.run("useradd --system --no-create-home nginx; cp /etc/nginx/nginx.conf /root/nginx.conf; "
                         "sed -i 's/^user www-data;/user nginx;/' /etc/nginx/nginx.conf; systemctl restart nginx")
        self.assertTrue(self.state().endswith(" 503"))
        joined = documents.only_command_with((TOP / "docs/install.md").read_text(), "usermod")
        self.machine.run(f"{joined}; systemctl restart nginx")
        self.assertTrue(self.state().endswith(" 200"))
        self.machine.run("cp /root/nginx.conf /etc/nginx/nginx.conf; systemctl restart nginx")

    def test_3_an_upgrade_as_the_text_has_it(self):
        before = [self.machine.worker(1), self.machine.worker(2)]
        lines = documents.commands("docs/install.md", "Upgrading")
        # The same version is none: apt leaves it alone.
        self.assertIn("apt install -y ./dashboard-state_*.deb", lines[0])
        self.machine.run("\n".join([lines[0].replace("apt install", "apt install --reinstall"), *lines[1:]]))
        after = [self.machine.worker(1), self.machine.worker(2)]
        self.assertEqual(set(before) & set(after) | {0} & set(after), set())
        self.assertTrue(self.state().endswith(" 200"))

    def test_4_a_purge_leaves_nginx_a_configuration_that_it_starts_with(self):
        # Ways of signing in that go together, and the example's site.
        ways = "oauth2-proxy authelia client-certificate"
        examples = "/usr/share/doc/dashboard-state/examples"
        self.machine.run(
            "apt-get install -qq --yes openssl; openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=dashboard.example.org "
            "-keyout /etc/ssl/private/dashboard.example.org.key -out /etc/ssl/certs/dashboard.example.org.pem; "
            "cp /etc/ssl/certs/dashboard.example.org.pem /etc/nginx/clients.pem; "
            f"for name in {ways}; do cp {examples}/sign-in/$name.nginx.conf /etc/nginx/conf.d/; done; "
            "sed -i 's|ssl_client_certificate .*;|ssl_client_certificate /etc/nginx/clients.pem;|' /etc/nginx/conf.d/*; "
            f"sed -n '/^    server {{/,/^    }}/p' {examples}/nginx.conf.example >/etc/nginx/conf.d/example.conf; "
            "sed -i 's/443 ssl;/443 ssl http2;/' /etc/nginx/conf.d/*.conf; nginx -t"
        )
        done = self.machine.run("apt-get purge -qq --yes dashboard-state")
        self.assertIn("includes snippets/dashboard-state.conf, which is empty now", done.stdout + done.stderr)
        self.machine.run("nginx -t; systemctl restart nginx")
        self.assertEqual(self.site(), "our site\n 200")
        self.assertTrue(self.state().endswith(" 404"))
        # Installed again, it asks nothing, and serves.
        self.machine.run("rm /etc/nginx/conf.d/example.conf; "
                         f"for name in {ways}; do rm /etc/nginx/conf.d/$name.nginx.conf; done")
        self.machine.run("apt install -y ./dashboard-state_*.deb; nginx -t; systemctl restart nginx")
        self.assertTrue(self.state().endswith(" 200"))

    def test_5_it_goes_as_the_text_has_it(self):
        self.paste("docs/install.md", "Uninstalling")
        self.assertEqual(self.machine.run(f"diff /root/site {self.SITE}").stdout, "")
        self.machine.run("systemctl restart nginx; test -e /etc/nginx/snippets/dashboard-state.conf")
        self.assertEqual(self.site(), "our site\n 200")
        self.assertTrue(self.state().endswith(" 404"))
        self.assertIn("hyvve:dashboard:state:alice:main", self.machine.run("redis-cli --scan").stdout)
        self.paste("docs/install.md", "Uninstalling", 1)
        self.assertEqual(self.machine.run("redis-cli --scan").stdout, "")
        self.machine.run("apt-get purge -qq --yes dashboard-state; systemctl restart nginx")
        left = self.machine.run("find /etc /usr /run -xdev -name 'dashboard-state*'").stdout
        self.assertEqual({file for file in left.splitlines() if not file.startswith("/run/systemd/")}, set())

    def test_6_without_the_package(self):
        worker = TOP / ".build/release/dashboard-state-fcgi"
        (self.machine.root / "root/sources/.build/release").mkdir(parents=True)
        shutil.copy(worker, self.machine.root / "root/sources/.build/release")
        shutil.copytree(TOP / "deploy", self.machine.root / "root/sources/deploy")
        lines = documents.commands("docs/install.md", "Without the package")
        lines = [f"cd /root/sources && {line}" if number in (0, len(lines) - 1) else line
                 for number, line in enumerate(lines)]
        documents.save(self, self.machine, lines)
        self.assertEqual(self.site(), "our site\n 200")
        self.assertNotIn("root", self.machine.run("ps -o user= -C dashboard-state-fcgi || true").stdout)


class ApacheTests(MachineTests):
    """An empty machine on which somebody does what docs/install.md says of Apache."""

    def test_it_serves_behind_apache_in_under_ten_commands(self):
        self.machine.boot()
        documents.save(self, self.machine, documents.commands("docs/install.md", "Behind Apache"))
        answer = self.machine.run(
            "curl --silent --insecure --user alice:wonderland https://localhost/api/dashboard/state"
        ).stdout
        self.assertTrue(answer.startswith('{"version":1,'), answer)
        # And in a site that is there, whatever it is.
        self.machine.run("a2dissite dashboard-state; systemctl reload apache2")
        documents.save(self, self.machine, documents.commands("docs/install.md", "Behind Apache", 1))
        self.assertRegex(self.read("http://localhost/web/index.js"), "(?s)export .* 200$")
        # Workers that want a secret, as that text has it.
        self.paste("docs/install.md", SECRET, 1)
        self.assertTrue(self.read("http://localhost/api/dashboard/state").endswith(" 200"))
        self.machine.run("rm /etc/apache2/dashboard-state/secret.conf; systemctl restart apache2")
        self.assertIn("wrong-proxy-secret", self.read("http://localhost/api/dashboard/state"))
        # A site may go on including what a purge takes away.
        self.machine.run("a2ensite dashboard-state; apt-get purge -qq --yes dashboard-state; systemctl restart apache2")
        self.assertTrue(self.read("http://localhost/").endswith(" 200"))
        self.assertTrue(self.read("https://localhost/api/dashboard/state").endswith(" 404"))


class OpenIDTests(MachineTests):
    """An empty machine with Apache, on which somebody does what the example for OpenID Connect says."""

    def test_a_token_signs_in(self):
        self.machine.boot()
        make = "openssl req -x509 -newkey rsa:2048 -nodes -days 30"
        certificates = "/etc/ssl/certs"
        self.machine.run(
            "apt-get install -qq --yes ./dashboard-state_*.deb apache2 redis-server curl openssl\n"
            f"{make} -subj /CN=dashboard.example.org -keyout /etc/ssl/private/dashboard.example.org.key "
            f"-out {certificates}/dashboard.example.org.pem\n"
            f"{make} -subj /CN=id.example.org -keyout tokens.key -out {certificates}/dashboard-tokens.pem"
        )
        folder = "/usr/share/doc/dashboard-state/examples/sign-in"
        typed = documents.comment((self.machine.root / f"{folder.lstrip('/')}/openid-connect.apache.conf").read_text())
        self.assertIn("a2ensite", typed)
        self.machine.run(f"cd {folder}\n{typed}")
        save = """
            text() { openssl base64 -A | tr '+/' '-_' | tr -d =; }
            claims='"iss":"https://id.example.org","aud":"dashboard","sub":"alice","groups":["dashboard-main"]'
            head=$(printf '{"alg":"RS256","kid":"signing-1"}' | text)
            body=$(printf '{%s,"exp":%s}' "$claims" $(($(date +%s) + 600)) | text)
            signature=$(printf %s "$head.$body" | openssl dgst -sha256 -sign tokens.key -binary | text)
            curl --silent --insecure --header "Authorization: Bearer $head.$body.$signature" \\
                --header 'Content-Type: application/json' --data '{"version":1,"state":{}}' \\
                https://localhost/api/dashboard/state
        """
        documents.save_with(self, self.machine, save)
        self.assertIn("no-user", self.machine.run("curl --silent --insecure https://localhost/api/dashboard/state").stdout)


class ServiceTests(MachineTests):
    """An empty machine on which somebody does what docs/install.md says, and then operates it."""

    seconds = 200

    def ask(self):
        """One request through nginx, by a client that does not try again."""
        return self.machine.run(
            "curl --silent --insecure --user alice:wonderland --output /dev/null --write-out '%{http_code}' "
            "https://localhost/api/dashboard/state"
        ).stdout

    def example(self, name):
        """The text of a drop-in, as the package has it."""
        return (self.machine.root / f"usr/share/doc/dashboard-state/examples/drop-ins/{name}").read_text()

    def paste_drop_in(self, name, *changes):
        """Types what one of the examples says, with these words in place of others."""
        typed = documents.comment(self.example(name))
        for old, new in changes:
            self.assertIn(old, typed)
            typed = typed.replace(old, new)
        self.assertTrue(typed.endswith("systemctl daemon-reload\nsystemctl reload dashboard-state"), typed)
        return self.machine.run(typed)

    def drop_in(self, name, change=lambda text: text):
        """Puts one of the examples where it says it belongs, and restarts the workers."""
        self.machine.put(f"/etc/systemd/system/dashboard-state@.service.d/{name}", change(self.example(name)))
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
        documents.save(self, self.machine, documents.commands("docs/install.md", "Behind nginx", 1))
        self.assertEqual(self.ask(), "200")
        self.assertRegex(self.read("https://localhost/web/index.js"), "(?s)export .* 200$")
        self.assertEqual(self.read("https://localhost/demo/me"), '{"user":"alice","workspace":"main"} 200')
        self.assertEqual(self.machine.run("systemctl is-system-running").stdout, "running\n")
        # A worker that stops waits this long for connections that nginx keeps idle: here no longer than needed.
        self.machine.run("echo DASHBOARD_STATE_DRAIN_TIMEOUT=1 >>/etc/default/dashboard-state")
        self.restart()

    def test_02_the_units_are_well_formed(self):
        done = self.machine.run(
            "cd /lib/systemd/system; systemd-analyze verify --man=no dashboard-state*.service dashboard-state*.socket "
            "dashboard-state*.target dashboard-state@check.service"
        )
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
        self.assertGreater(load.statuses["200"], 0)
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
        self.assertGreater(load.statuses["200"], 0)

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

    def upgrade_to(self, program, command):
        """Installs the package with a shell script in the program's place, under load; returns the process."""
        self.machine.run(f"""
            dpkg-deb -R ./dashboard-state_*.deb broken
            printf '%s\\n' '#!/bin/sh' {program} >broken/usr/sbin/dashboard-state-fcgi
            dpkg-deb --build broken broken.deb; rm -r broken
        """)
        with Load(self.machine) as load:
            done = self.machine.run(f"{command} ./broken.deb", check=False)
        self.served_throughout(load)
        self.assertNotEqual(done.returncode, 0)
        return done

    def test_08_an_upgrade_that_does_not_start_leaves_the_old_one_serving_and_fails_loudly(self):
        before = [self.machine.worker(1), self.machine.worker(2)]
        # What fails at once is found before anything is stopped.
        done = self.upgrade_to("'echo no >&2' 'exit 1'", "apt-get install -qq --yes --allow-downgrades --reinstall")
        self.assertIn("None was restarted", done.stdout + done.stderr)
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], before)
        # What only fails to serve ends with the first worker.
        done = self.upgrade_to("'[ \"$1\" = --check ] && exit' 'echo no >&2' 'exit 1'", "dpkg --install")
        self.assertIn("dashboard-state@1.service does not serve", done.stdout + done.stderr)
        self.assertEqual(self.machine.worker(2), before[1])
        # It is tried again, at pauses, and the other one is none the worse for it.
        since = self.machine.run("date '+%F %T'").stdout.strip()
        with Load(self.machine) as load:
            self.machine.run("sleep 6")
        self.served_throughout(load)
        self.assertLessEqual(self.starts(1, since), 4)
        self.machine.run("rm broken.deb; dpkg --install ./dashboard-state_*.deb")
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

    def test_08_what_would_do_nothing_is_refused(self):
        before = [self.machine.worker(1), self.machine.worker(2)]
        for command in ("stop", "restart"):
            done = self.machine.run(f"systemctl {command} dashboard-state", check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("Operation refused", done.stderr)
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], before)
        self.machine.run("systemctl reload dashboard-state")
        after = [self.machine.worker(1), self.machine.worker(2)]
        self.assertEqual(set(before) & set(after) | {0} & set(after), set())

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
        self.assertNotEqual(before, 0)  # whoever kills 0 kills all of this
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
        self.assertNotEqual(before, 0)  # whoever kills 0 kills all of this
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
        self.paste_drop_in("redis-password.conf", ("echo SECRET", "echo 'open sesame'"))
        self.assertEqual(self.ask(), "200")
        worker = self.machine.worker(1)
        seen = self.machine.run(f"cat /proc/{worker}/environ /proc/{worker}/cmdline | tr '\\0' '\\n'").stdout
        self.assertNotIn("sesame", seen)
        self.assertRegex(seen, r"REDIS_PASSWORD_FILE=/run/credentials/dashboard-state@1.service/redis-password\n")
        self.machine.run("redis-cli --no-auth-warning -a 'open sesame' CONFIG SET requirepass ''")
        self.undo_drop_ins()

    def test_13_a_proxy_secret_comes_from_systemd(self):
        for way in (lambda: self.paste_drop_in("proxy-secret.conf"), lambda: self.paste("docs/install.md", SECRET)):
            with Load(self.machine) as load:
                way()
            load.statuses.pop("stale", None)  # nginx itself closes the connections of clients.
            self.served_throughout(load)
            self.assertEqual(self.ask(), "200")
            for path in ("healthz", "readyz"):
                self.assertTrue(self.read(f"https://localhost/{path}").endswith(" 200"))
            self.machine.run("rm /etc/nginx/snippets/dashboard-state-secret.conf; systemctl restart nginx")
            self.assertEqual(self.ask(), "403")
            self.undo_drop_ins()

    def test_13_a_secret_that_is_missing_is_told_once(self):
        before = [self.machine.worker(1), self.machine.worker(2)]
        self.machine.run("rm -f /etc/dashboard-state/proxy-secret")
        self.machine.put("/etc/systemd/system/dashboard-state@.service.d/proxy-secret.conf", self.example("proxy-secret.conf"))
        self.machine.run("systemctl daemon-reload")
        self.assertNotEqual(self.machine.run("systemctl reload dashboard-state", check=False).returncode, 0)
        # The workers go on without it.
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], before)
        self.assertNotEqual(self.machine.run("systemctl restart dashboard-state@1", check=False).returncode, 0)
        self.machine.run("sleep 5")
        # It is not tried again and again, and says what is missing.
        log = self.machine.run("journalctl --unit dashboard-state@1 --since -10s --output cat").stdout
        self.assertEqual(log.count("asserts failed"), 1, log)
        status = self.machine.run("systemctl status dashboard-state@1", check=False).stdout
        self.assertIn("/etc/dashboard-state/proxy-secret", status)
        self.assertEqual(self.machine.worker(2), before[1])
        self.assertIn(self.ask(), ("200", "404"))
        # Once it is there, both have it.
        self.machine.put("/etc/dashboard-state/proxy-secret", "between us\n", 0o600)
        self.machine.run("systemctl reload dashboard-state")
        self.assertEqual(self.service(), ["active"] * 5)
        self.assertEqual(self.ask(), "403")
        self.undo_drop_ins()

    def test_14_with_redis_on_a_unix_socket_a_worker_has_no_network(self):
        self.paste("docs/install.md", "Redis on a Unix socket")
        self.paste_drop_in("redis-unix-socket.conf")
        self.assertIn(self.ask(), ("200", "404"))
        interfaces = self.machine.run(f"cat /proc/{self.machine.worker(1)}/net/dev").stdout
        self.assertEqual(len(interfaces.splitlines()), 3, interfaces)
        outside, inside = self.machine.run(f"readlink /proc/1/ns/net /proc/{self.machine.worker(1)}/ns/net").stdout.split()
        self.assertNotEqual(outside, inside)
        # Metrics and checks are where the drop-in says, also behind a worker that left its socket there.
        told = documents.only_command_with(self.example("redis-unix-socket.conf"), "curl")
        self.assertIn('"status":"ready"', self.machine.run(told).stdout)
        before = self.machine.worker(1)
        self.assertNotEqual(before, 0)  # whoever kills 0 kills all of this
        self.machine.run(f"kill -KILL {before}")
        for _ in range(100):
            if '"status":"ready"' in self.machine.run(told, check=False).stdout:
                break
            self.machine.run("sleep 0.1")
        self.assertIn('"status":"ready"', self.machine.run(told).stdout)
        self.assertNotIn(self.machine.worker(1), (0, before))
        self.undo_drop_ins()

    def test_15_a_redis_on_another_machine_is_reached_where_that_is_allowed(self):
        # An address that is not loopback's, though it is on this machine: the one in the example.
        self.machine.run("ip addr replace 192.0.2.7/32 dev lo")
        self.machine.run("redis-cli CONFIG SET protected-mode no; redis-cli CONFIG SET bind '127.0.0.1 192.0.2.7'")
        self.paste_drop_in("redis-elsewhere.conf")
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

    def test_15_a_redis_with_tls_is_reached_with_certificates_from_systemd(self):
        files = "/etc/dashboard-state"
        self.machine.run(f"""
            mkdir -p {files}
            openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=redis.example.org \\
                -addext subjectAltName=DNS:redis.example.org -keyout {files}/redis-client.key -out {files}/redis-client.pem
            cp {files}/redis-client.pem {files}/redis-ca.pem
            chmod 600 {files}/*
            install --owner redis --mode 400 {files}/redis-client.key {files}/redis-client.pem /etc/redis
            cp -p /etc/redis/redis.conf /root
            printf '%s\\n' 'port 0' 'tls-port 6379' 'bind 127.0.0.1 192.0.2.7' 'protected-mode no' \\
                'tls-cert-file /etc/redis/redis-client.pem' 'tls-key-file /etc/redis/redis-client.key' \\
                'tls-ca-cert-file /etc/redis/redis-client.pem' >>/etc/redis/redis.conf
            ip addr replace 192.0.2.7/32 dev lo
            systemctl restart redis-server
        """)
        self.paste_drop_in("redis-tls.conf")
        self.assertIn(self.ask(), ("200", "404"))
        self.machine.run("cp -p /root/redis.conf /etc/redis; systemctl restart redis-server")
        self.undo_drop_ins()

    def test_15_spans_reach_a_collector_on_this_machine(self):
        # nginx takes them as a collector does, and writes down what came.
        self.machine.put("/etc/nginx/conf.d/collector.conf", """
            log_format spans escape=none $request_body;
            server {
                listen 127.0.0.1:4318;
                client_body_buffer_size 1m;
                access_log /var/log/nginx/spans.log spans;
                location = /v1/traces { proxy_pass http://127.0.0.1:4319; }
            }
            server {
                listen 127.0.0.1:4319;
                location / { return 200 "{}"; }
            }
            """)
        self.machine.run("nginx -t; systemctl reload nginx; cp /etc/default/dashboard-state /root/settings")
        # Quoted as systemd wants it.
        self.machine.run("echo 'OTEL_SERVICE_NAME=\"our dashboards\"' >>/etc/default/dashboard-state")
        self.paste("docs/operate.md", "Traces")
        for _ in range(100):
            self.assertIn(self.ask(), ("200", "404"))
            spans = self.machine.run("cat /var/log/nginx/spans.log").stdout
            if "GET /api/dashboard/state" in spans:
                break
            self.machine.run("sleep 0.2")
        self.assertIn('"name":"GET /api/dashboard/state"', spans)
        self.assertIn('{"key":"service.name","value":{"stringValue":"our dashboards"}}', spans)
        self.machine.run("rm /etc/nginx/conf.d/collector.conf; cp /root/settings /etc/default/dashboard-state")
        self.restart()

    def starts(self, worker, since):
        """How often a worker was started since a moment of the machine's clock."""
        log = self.machine.run(f"journalctl --unit dashboard-state@{worker} --since '{since}' --output cat").stdout
        return log.count("Starting dashboard-state@")

    def test_16_a_wrong_setting_is_explained_and_can_be_put_right(self):
        self.machine.run("echo DASHBOARD_STATE_THREADS=none >>/etc/default/dashboard-state")
        since = self.machine.run("date '+%F %T'").stdout.strip()
        # All at once, so that none is left, while requests come.
        with Load(self.machine) as load:
            self.machine.run("timeout 60 systemctl restart dashboard-state.target; sleep 6")
        self.assertGreater(load.statuses["503"], 0)
        # A connection that waits starts them no more often than a few times, and none waits for long.
        for worker in (1, 2):
            self.assertLessEqual(self.starts(worker, since), 3)
            state = self.machine.run(f"systemctl show -p Result -p ExecMainStatus dashboard-state@{worker}").stdout
            self.assertEqual(set(state.split()), {"Result=exit-code", "ExecMainStatus=78"})
        log = self.machine.run(f"journalctl -u 'dashboard-state@*' --since '{since}'").stdout
        self.assertIn("expected a number of threads", log)
        self.assertIn("the sockets are shut", log)
        self.assertEqual(self.ask(), "503")
        self.machine.run("sed -i '/THREADS=none/d' /etc/default/dashboard-state; systemctl reload dashboard-state")
        self.assertIn(self.ask(), ("200", "404"))
        self.assertEqual(self.service(), ["active"] * 5)

    def test_16_a_worker_that_does_not_start_again_takes_the_others_no_socket(self):
        self.machine.put("/etc/systemd/system/dashboard-state@1.service.d/threads.conf",
                         "[Service]\nEnvironment=DASHBOARD_STATE_THREADS=none\n")
        since = self.machine.run("date '+%F %T'").stdout.strip()
        with Load(self.machine) as load:
            done = self.machine.run("systemctl daemon-reload; systemctl restart dashboard-state@1", check=False)
            self.machine.run("sleep 6")
        self.assertNotEqual(done.returncode, 0)
        self.served_throughout(load)
        self.assertLessEqual(self.starts(1, since), 3)
        self.machine.run("rm -r /etc/systemd/system/dashboard-state@1.service.d; systemctl daemon-reload")
        self.machine.run("systemctl restart dashboard-state@1")
        self.assertEqual(self.service(), ["active"] * 5)

    def test_16_a_worker_that_was_given_up_is_left_alone(self):
        self.machine.put("/etc/systemd/system/dashboard-state@3.service.d/threads.conf",
                         "[Service]\nEnvironment=DASHBOARD_STATE_THREADS=none\n")
        # It is not to be, and neither is one that is called by no number.
        failing = "systemctl enable --quiet --now dashboard-state@3"
        self.assertNotEqual(self.machine.run(f"systemctl daemon-reload; {failing}", check=False).returncode, 0)
        self.assertNotEqual(self.machine.run("systemctl start dashboard-state@blue", check=False).returncode, 0)
        # As long as it is to serve, a reload that leaves it behind has failed.
        self.assertNotEqual(self.machine.run("systemctl reload dashboard-state", check=False).returncode, 0)
        self.machine.run("systemctl disable --quiet --now dashboard-state@3")
        failed = "systemctl list-units --plain --no-legend --state failed 'dashboard-state@*' | cut -d' ' -f1"
        names = ["dashboard-state@3.service", "dashboard-state@blue.service"]
        self.assertEqual(self.machine.run(failed).stdout.split(), names)
        before = [self.machine.worker(1), self.machine.worker(2)]
        self.machine.run("systemctl reload dashboard-state")
        after = [self.machine.worker(1), self.machine.worker(2)]
        self.assertEqual(set(before) & set(after) | {0} & set(after), set())
        self.assertEqual(self.machine.run(failed).stdout.split(), names)
        self.machine.run("rm -r /etc/systemd/system/dashboard-state@3.service.d; systemctl daemon-reload; systemctl reset-failed")

    def test_16_a_wrong_setting_and_the_documented_restart_are_no_outage(self):
        workers = [self.machine.worker(1), self.machine.worker(2)]
        self.machine.run("echo DASHBOARD_STATE_THREADS=none >>/etc/default/dashboard-state")
        with Load(self.machine) as load:
            done = self.machine.run("systemctl reload dashboard-state", check=False)
            self.machine.run("sleep 2")
        self.served_throughout(load)
        self.assertNotEqual(done.returncode, 0)
        log = self.machine.run("journalctl --unit dashboard-state --unit 'dashboard-state@*' --output cat").stdout
        self.assertIn("None was restarted", log)
        self.assertIn("expected a number of threads", log)
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], workers)
        self.machine.run("sed -i '/THREADS=none/d' /etc/default/dashboard-state; systemctl reload dashboard-state")
        self.assertEqual(self.service(), ["active"] * 5)

    def test_17_stopping_it_leaves_no_socket_behind(self):
        # To stop the target does not wait for the rest, so name that too.
        self.machine.run("systemctl stop dashboard-state.target dashboard-state.socket 'dashboard-state@*'")
        self.assertNotIn("worker", self.machine.run("ls /run/dashboard-state").stdout)
        self.assertEqual(self.ask(), "503")

    def test_17_an_upgrade_starts_nothing_that_was_stopped(self):
        self.machine.run("systemctl disable --quiet dashboard-state.target")
        self.machine.run("systemctl stop dashboard-state.target dashboard-state.socket 'dashboard-state@*'")
        # As after a boot: systemd remembers nothing of them.
        self.machine.run("systemctl daemon-reload; apt-get install -qq --yes --reinstall ./dashboard-state_*.deb")
        self.assertEqual([self.machine.worker(1), self.machine.worker(2)], [0, 0])
        self.assertEqual(self.ask(), "503")
        # One that was started alone is the only one that is restarted.
        self.machine.run("systemctl start dashboard-state@2")
        before = self.machine.worker(2)
        self.machine.run("apt-get install -qq --yes --reinstall ./dashboard-state_*.deb")
        self.assertEqual(self.machine.worker(1), 0)
        self.assertNotIn(self.machine.worker(2), (0, before))
        self.machine.run("systemctl enable --quiet --now dashboard-state.target")
        self.assertEqual(self.service(), ["active"] * 5)

    def test_18_purging_it_leaves_nothing_behind(self):
        self.machine.put("/etc/dashboard-state/redis-password", "open sesame\n", 0o600)
        for unit in ("dashboard-state@.service", "dashboard-state@1.service", "dashboard-state.socket"):
            self.machine.put(f"/etc/systemd/system/{unit}.d/a.conf", "[Unit]\n")
        self.machine.run("systemctl start dashboard-state.target; systemctl enable --quiet --now dashboard-state@3")
        # A web server that includes nothing of it any more.
        self.machine.put("/etc/nginx/nginx.conf", "events {}\nhttp {}\n")
        self.machine.run("systemctl reload nginx; apt-get purge -qq --yes dashboard-state")
        self.assertEqual(self.service(), [])
        left = {file for file in self.files() - self.before if re.search("dashboard.state", file)}
        # What docs/install.md has made by hand, and what apt and systemd remember of anything.
        left = {file for file in left if not file.startswith(("/etc/ssl/", "/var/lib/systemd/", "/run/systemd/"))}
        self.assertEqual(left, set())
