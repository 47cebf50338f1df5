"""What is in the package, and whether what it says of itself is so. Needs no root."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import documents
from machine import TOP, package_file

# Hardening that is left out, each with the reason in the unit: the network, which Redis is reached over, and the host's
# root folder. systemd-analyze counts from 0 to 100 here, and calls what is below 20 "OK".
HIGHEST_EXPOSURE = 10


def output(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


class ContentsTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="dashboard-state-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name)
        subprocess.run(["dpkg-deb", "--extract", package_file(), cls.root], check=True)
        cls.worker = cls.root / "usr/sbin/dashboard-state-fcgi"
        # Each option on one line.
        cls.help = re.sub(r"\n {10,}", " ", output(cls.worker, "--help"))

    def test_lintian_finds_no_error(self):
        done = subprocess.run(
            # The one warning is about the workers' target, which is what they belong to.
            ["lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
             "systemd-service-file-refers-to-unusual-wantedby-target", package_file()],
            capture_output=True, text=True,
        )
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_it_needs_no_swift_and_only_debian(self):
        self.assertNotIn("swift", output("ldd", self.worker).lower())
        needed = output("dpkg-deb", "--field", package_file(), "Depends")
        for one in needed.split(","):
            name = re.split(r"[ |(]", one.strip())[0]
            self.assertRegex(output("apt-cache", "policy", name), r"Candidate: \d|Installed: \d", name)
        self.assertIn("libfcgi0ldbl", needed)

    def version(self):
        return output(self.worker, "--version").removeprefix("dashboard-state-fcgi ").strip()

    def test_its_version_is_the_programs(self):
        version = self.version()
        self.assertEqual(output("dpkg-deb", "--field", package_file(), "Version").strip(), version)
        self.assertIn(f"\n## {version} ", (TOP / "CHANGELOG.md").read_text())

    def test_a_package_of_another_version_is_not_left_beside_it(self):
        with tempfile.TemporaryDirectory(prefix="dashboard-state-") as name:
            folder = pathlib.Path(name)
            for file in output("git", "-C", TOP, "ls-files", "-z", "deploy", "docs", "web", "*.md", "*.example", "LICENSE").split("\0"):
                if file:
                    (folder / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(TOP / file, folder / file)
            shutil.copy(TOP / f"dashboard-state-{self.version()}.tgz", folder)
            for built in (".build", ".build-client"):
                (folder / built).symlink_to(TOP / built)
            (folder / "dashboard-state_0.0.1_amd64.deb").write_text("a former one")
            made = output(folder / "deploy/build-deb").strip()
            self.assertEqual([file.name for file in folder.glob("*.deb")], [made])
            self.assertIn(f"_{self.version()}_", made)

    def test_all_examples_are_there(self):
        examples = self.root / "usr/share/doc/dashboard-state/examples"
        tracked = output("git", "-C", TOP, "ls-files", "*.example", "*.conf").split()
        self.assertIn("nginx.conf.example", tracked)
        for name in tracked:
            if name.startswith(("Tests/", "bench/", "deploy/systemd/")):
                continue
            file = examples / name.removeprefix("deploy/")
            for folder, place in (("deploy/nginx/", "etc/nginx"), ("deploy/apache/", "etc/apache2")):
                if name.startswith(folder):
                    file = self.root / place / name.removeprefix(folder)
            self.assertEqual(file.read_bytes(), (TOP / name).read_bytes(), name)
        for folder in (TOP / "deploy/systemd/drop-ins", TOP / "deploy/redis"):
            for file in folder.iterdir():
                self.assertEqual((examples / folder.name / file.name).read_bytes(), file.read_bytes())

    def test_nothing_of_ours_is_among_the_examples(self):
        names = output("dpkg-deb", "--contents", package_file())
        for word in ("bench", "Tests", "harness"):
            self.assertNotIn(word, names)

    def test_links_in_its_documents_lead_somewhere(self):
        folder = self.root / "usr/share/doc/dashboard-state"
        followed = 0
        for document in sorted(folder.glob("**/*.md")):
            for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
                if re.match(r"[a-z]+:", target):
                    continue
                path = target.partition("#")[0]
                place = self.root / path.lstrip("/") if path.startswith("/") else document.parent / path
                self.assertTrue(place.exists(), f"{document.name}: {target}")
                followed += 1
        self.assertGreater(followed, 20)

    def test_its_maintainer_is_who_packs_it(self):
        maintainer = output("dpkg-deb", "--field", package_file(), "Maintainer").strip()
        packer, address = os.environ.get("DEBFULLNAME", "Dashboard state service maintainers"), os.environ.get("DEBEMAIL")
        self.assertEqual(maintainer, f"{packer} <{address or 'dashboard-state@packages.invalid'}>")

    def documents(self):
        return [TOP / "README.md", *TOP.glob("docs/*.md"), *TOP.glob("deploy/**/*.conf"), *TOP.glob("deploy/**/*.example")]

    def test_commands_in_documents_work_with_what_debian_has(self):
        found = 0
        for file in self.documents():
            text = file.read_text()
            # Of curl 7.82, later than many have.
            self.assertNotRegex(text, r"curl [^`\n]*--json", file)
            # Debian's Redis has no other socket.
            self.assertEqual(set(re.findall(r"/run/redis/[\w.-]+", text)) - {"/run/redis/redis-server.sock"}, set(), file)
            # spawn-fcgi looks for the program where it is told, and nowhere else.
            for program in re.findall(r"spawn-fcgi [^`\n]* -- ([^\s`]+)", text):
                self.assertTrue(program.startswith("/"), f"{file.name}: {program}")
                found += 1
        self.assertGreater(found, 0)

    def test_the_browser_client_is_there(self):
        tracked = output("git", "-C", TOP, "ls-files", "web").split()
        self.assertIn("web/index.js", tracked)
        for name in tracked:
            packed = self.root / "usr/share/dashboard-state" / name
            self.assertEqual(packed.read_bytes(), (TOP / name).read_bytes(), name)

    def test_the_bundled_client_is_there_and_the_package_for_npm(self):
        shared = self.root / "usr/share/dashboard-state"
        bundled = TOP / ".build-client/dashboard-state/dist"
        names = {file.name for file in bundled.iterdir()}
        self.assertLessEqual({"dashboard-state.js", "dashboard-state.js.map", "dashboard-state.d.ts"}, names)
        self.assertEqual({file.name for file in (shared / "web/dist").iterdir()}, names)
        for name in names:
            self.assertEqual((shared / "web/dist" / name).read_bytes(), (bundled / name).read_bytes(), name)
        # The declarations beside them lead to others.
        declared = re.findall(r"'(.*)\.js'", (shared / "web/dist/dashboard-state.d.ts").read_text())
        self.assertTrue((shared / "web/dist" / f"{declared[0]}.d.ts").exists())
        version = self.version()
        [archive] = shared.glob("*.tgz")
        self.assertEqual(archive.name, f"dashboard-state-{version}.tgz")
        self.assertEqual(archive.read_bytes(), (TOP / archive.name).read_bytes())

    def test_the_units_shut_what_they_can(self):
        def exposure(limit):
            return subprocess.run(
                ["systemd-analyze", "--no-pager", f"--root={self.root}", "security", "--offline=true",
                 f"--threshold={limit}", "dashboard-state@.service"],
                capture_output=True, text=True,
            )
        done = exposure(HIGHEST_EXPOSURE)
        self.assertEqual(done.returncode, 0, done.stdout[-200:] + done.stderr)
        print("systemd-analyze security: " + done.stdout.strip().splitlines()[-1].strip("→ "))
        # The threshold is one that can be missed.
        self.assertNotEqual(exposure(0).returncode, 0)

    def test_the_stop_timeout_is_above_the_drain_timeout(self):
        unit = (TOP / "deploy/systemd/dashboard-state@.service").read_text()
        drain = re.search(r"^ +--drain-timeout <.*\(default: (\d+)\)", self.help, re.MULTILINE)
        self.assertGreater(int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[1]), int(drain[1]))

    # ---- The manual and the settings -------------------------------------------------------------------------------

    def options(self):
        return set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", self.help, re.MULTILINE))

    def variables(self):
        """The environment variables in the code, with the defaults of parameters' names left out."""
        code = "\n".join(file.read_text() for file in (TOP / "Sources").rglob("Configuration/*.swift"))
        # Not what such names begin with, nor the header that no identity may come from.
        found = re.findall(r'"((?:DASHBOARD_STATE|REDIS|IDENTITY|PROXY|REQUIRE|LOG_ID|OTEL)_[A-Z_]*[A-Z])"', code)
        return set(found) - {"PROXY_AUTHORIZATION"}

    def variables_of_documentation(self):
        columns = [row.split("|")[2] for row in documents.table("docs/configuration.md")]
        return set(re.findall(r"`([A-Z_]+)`", "".join(columns)))

    def test_every_variable_is_in_the_manual(self):
        settings = (self.root / "etc/default/dashboard-state").read_text()
        manual = (TOP / "deploy/dashboard-state-fcgi.8").read_text()
        in_code = self.variables()
        self.assertGreater(len(in_code), 15)
        self.assertEqual(in_code, self.variables_of_documentation())
        for name in sorted(in_code):
            self.assertIn(name, manual)
        # And nothing that does not exist.
        for name in re.findall(r"^#?([A-Z_]+)=", settings, re.MULTILINE):
            self.assertIn(name, in_code)

    def test_every_setting_is_commented_out_and_shows_the_default(self):
        settings = (self.root / "etc/default/dashboard-state").read_text()
        active = [line for line in settings.splitlines() if line and not line.startswith("#")]
        self.assertEqual(active, [])
        defaults = dict(re.findall(r"\[([A-Z_]+)\] \(default: ([^)]+)\)", self.help))
        self.assertIn("REDIS_URL", defaults)
        # So little that upgrades have nothing to ask.
        self.assertLess(len(settings.splitlines()), 12)
        for name, value in re.findall(r"^#([A-Z_]+)=(.+)$", settings, re.MULTILINE):
            self.assertEqual(value, defaults[name], name)

    def test_the_manual_has_the_options_of_the_program(self):
        manual = (TOP / "deploy/dashboard-state-fcgi.8").read_text()
        listed = {f"-{name}" for name in re.findall(r"^\.It .*?Fl(?: h ,)? (-[a-z-]+)", manual, re.MULTILINE)}
        self.assertEqual(listed, self.options())
        self.assertIn("--listen", listed)
        for name in listed - {"--check", "--help", "--version"}:
            [line] = [line for line in self.help.splitlines() if line.lstrip().startswith(f"{name} <")]
            entry = re.search(rf"^\.It Fl {name[1:]} .*?(?=^\.It|^\.El)", manual, re.MULTILINE | re.DOTALL)[0]
            self.assertIn(re.search(r"\[([A-Z_]+)\]", line)[1], entry)
            default = re.search(r"\(default: ([^)]+)\)", line)
            # Its text without the macros.
            text = " ".join(re.sub(r"^\.[A-Z][a-z] ", "", entry, flags=re.MULTILINE).split())
            if default:
                self.assertIn(default[1], text)

    def test_the_documentation_has_the_options_of_the_program(self):
        rows = [row.split("|") for row in documents.table("docs/configuration.md")]
        defaults = {row[1].strip(" `"): row[3].strip().replace("`", "") for row in rows if row[1].strip()}
        self.assertEqual(set(defaults), self.options() - {"--check", "--help", "--version"})
        for name, default in defaults.items():
            [line] = [line for line in self.help.splitlines() if line.lstrip().startswith(f"{name} <")]
            self.assertIn(f"(default: {default}", line)

    def test_the_manual_is_well_formed(self):
        done = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "warning", TOP / "deploy/dashboard-state-fcgi.8"],
            capture_output=True, text=True,
        )
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        page = subprocess.run(
            ["mandoc", "-T", "utf8", TOP / "deploy/dashboard-state-fcgi.8"], capture_output=True, check=True, text=True
        ).stdout
        # What is printed bold or underlined is overstruck.
        self.assertIn("--listen address", re.sub(".\b", "", page))
