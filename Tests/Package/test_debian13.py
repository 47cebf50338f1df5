"""The package, which is made on Debian 12, on a Debian 13: other libraries, systemd and nginx."""

import shutil
import unittest

from machine import Machine, needs_root, package_file

EXAMPLES = "/usr/share/doc/dashboard-state/examples"
KEY, CERTIFICATE = "/etc/ssl/private/dashboard.example.org.key", "/etc/ssl/certs/dashboard.example.org.pem"
SAVE = """curl --silent --insecure --user alice:wonderland --json '{"version":%d,"state":{}}' %s/api/dashboard/state"""


class Debian13Tests(unittest.TestCase):
    """Tests on one machine, in the order of their names."""

    @classmethod
    def setUpClass(cls):
        needs_root()
        cls.machine = Machine("trixie")
        cls.addClassCleanup(cls.machine.remove)
        shutil.copy(package_file(), cls.machine.root / "root")

    def ask(self, command, expected):
        """Until nginx, which was told to read its configuration anew, does so."""
        for _ in range(50):
            done = self.machine.run(command, check=False)
            if done.stdout == expected:
                return
            self.machine.run("sleep 0.2")
        self.assertEqual(done.stdout, expected)

    def test_1_it_installs_with_what_debian_13_provides(self):
        self.machine.boot()
        self.machine.run("apt-get install -qq --yes ./dashboard-state_*.deb nginx redis-server curl openssl")
        self.assertIn("VERSION_CODENAME=trixie", self.machine.run("cat /etc/os-release").stdout)
        libraries = self.machine.run("ldd /usr/sbin/dashboard-state-fcgi").stdout
        self.assertNotIn("not found", libraries)
        have = self.machine.run("dpkg-query --show --showformat '${Package}\\n' libssl3t64 libfcgi0t64").stdout
        self.assertEqual(have.split(), ["libfcgi0t64", "libssl3t64"])
        states = "systemctl show --property ActiveState --value 'dashboard-state*'"
        for _ in range(50):
            if set(self.machine.run(states).stdout.split()) == {"active"}:
                break
            self.machine.run("sleep 0.2")
        self.assertEqual(self.machine.run(states).stdout.split(), ["active"] * 5)
        done = self.machine.run(
            "cd /lib/systemd/system; systemd-analyze verify --man=no dashboard-state*.service dashboard-state*.socket "
            "dashboard-state*.target dashboard-state@check.service"
        )
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_2_a_site_that_is_there_takes_it_up(self):
        self.machine.run(
            f"cp {EXAMPLES}/sample-sign-in.nginx.conf /etc/nginx/conf.d/; "
            "sed -i '/server_name _;/a include snippets/dashboard-state.conf;' /etc/nginx/sites-available/default; "
            "systemctl restart nginx"
        )
        self.ask(SAVE % (1, "http://localhost"), '{"success":true,"serverVersion":1}')

    def test_3_so_does_a_server_of_its_own(self):
        self.machine.run(
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost "
            f"-addext subjectAltName=DNS:localhost -keyout {KEY} -out {CERTIFICATE}; cp {EXAMPLES}/nginx.conf.example /etc/nginx/nginx.conf"
        )
        # This nginx warns of what older ones want.
        self.assertNotIn("warn", self.machine.run("nginx -t").stderr)
        self.machine.run("systemctl restart nginx")
        self.ask(SAVE % (2, "https://localhost"), '{"success":true,"serverVersion":2,"conflictResolution":"client"}')

    def test_4_it_speaks_tls_with_the_openssl_that_is_there(self):
        self.machine.run(
            f"redis-server --port 0 --tls-port 6380 --tls-cert-file {CERTIFICATE} --tls-key-file {KEY} --save '' "
            f"--tls-ca-cert-file {CERTIFICATE} --tls-auth-clients no --daemonize yes"
        )
        check = "REDIS_URL=rediss://127.0.0.1:6380 REDIS_TLS_SERVER_NAME=localhost %s dashboard-state-fcgi --check=redis"
        done = self.machine.run(check % f"REDIS_TLS_CA_FILE={CERTIFICATE}", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # Nobody has signed it that the machine trusts.
        done = self.machine.run(check % "", check=False)
        self.assertEqual(done.returncode, 69, done.stdout)
        self.assertIn("certificate", done.stdout)

    def test_5_it_goes(self):
        self.machine.run("apt-get purge -qq --yes dashboard-state")
        self.assertEqual(self.machine.run("ls /run/dashboard-state", check=False).stdout, "")
