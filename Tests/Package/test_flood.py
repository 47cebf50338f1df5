"""The log of a machine that is flooded with requests: what went wrong is in it, and who floods."""

import json
import pathlib
import re
import sys
import threading
import time

from machine import TOP
from test_install import MachineTests

sys.path.insert(0, str(TOP / "Tests/PythonSupport"))

from fastcgi import Connection  # noqa: E402

# More than journald takes of a unit by itself: 10,000 lines in 30 seconds.
REQUESTS = 30_000


class FloodTests(MachineTests):
    """A machine with the package alone, as it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine.boot()
        cls.machine.run("apt-get install -qq --yes ./dashboard-state_*.deb redis-server curl")
        cls.machine.run("systemctl stop dashboard-state@2")

    def connect(self):
        """To the worker's socket, which lies in what only the machine has mounted."""
        root = pathlib.Path(f"/proc/{self.machine.first()}/root")
        return Connection(root / "run/dashboard-state/worker-1.sock")

    def entries(self, options=""):
        """What the journal has of the worker."""
        command = f"journalctl --sync; journalctl --unit dashboard-state@1 --output json {options}"
        return [json.loads(line) for line in self.machine.run(command).stdout.splitlines()]

    def flood(self, requests, user):
        with self.connect() as connection:
            for _ in range(requests):
                connection.ask("GET", user=user)

    def await_entry(self, words, options):
        for _ in range(100):
            found = [entry for entry in self.entries(options) if words in entry["MESSAGE"]]
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"no entry has {words}")

    def test_an_error_survives_a_flood_and_who_floods_shows(self):
        began = time.monotonic()
        threads = [threading.Thread(target=self.flood, args=(REQUESTS // 2, "flooding")) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while time.monotonic() < began + 11:
            self.flood(100, "flooding")
        # Behind all that, what matters.
        self.machine.run("systemctl stop redis-server")
        self.flood(2, "flooding")
        self.flood(20, "")
        self.await_entry("Redis cannot be used", "--priority err")
        self.await_entry("requests come without a user", "--priority warning")
        took = time.monotonic() - began
        [flood] = self.await_entry("one identity takes more than half of all requests", "--priority warning")
        entries = self.entries()
        self.assertFalse([entry for entry in entries if "Suppressed" in entry["MESSAGE"]])
        self.assertFalse([entry for entry in entries if "flooding" in json.dumps(entry)])
        lines = [entry for entry in entries if entry["MESSAGE"].startswith("info request ")]
        # Two bounds of 300 a second, and the seconds at either end.
        self.assertLessEqual(len(lines), 2 * 300 * (took + 2))
        hashes = re.search(r" user=([0-9a-f]{12}) workspace=([0-9a-f]{12})", flood["MESSAGE"])
        self.assertTrue(any(hashes[0] in line["MESSAGE"] for line in lines))
        # Each has its priority, and says no time.
        own = [entry for entry in entries if entry["_COMM"].startswith("dashboard-state")]
        levels = {"info": "6", "notice": "5", "warning": "4", "error": "3"}
        for entry in own:
            self.assertEqual(levels[entry["MESSAGE"].split()[0]], entry["PRIORITY"], entry["MESSAGE"])
        self.assertEqual({entry["PRIORITY"] for entry in own}, set(levels.values()))

    def test_the_rest_is_counted_and_told(self):
        self.flood(2000, "u")
        self.await_entry("requests have left no line", "--priority warning")
        told = [entry for entry in self.entries("--priority warning") if "have left no line" in entry["MESSAGE"]]
        page = self.machine.run("curl --silent --fail http://127.0.0.1:9461/metrics").stdout
        lost = int(re.search(r"^dashboard_state_log_lines_lost_total (\d+)$", page, re.MULTILINE)[1])
        self.assertGreater(lost, 0)
        self.assertGreaterEqual(lost, sum(int(entry["MESSAGE"].rpartition("count=")[2]) for entry in told))
