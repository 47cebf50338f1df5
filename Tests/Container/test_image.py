"""What is in the image, and that it is made the same way each time. Needs no root."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

from image import build, image, package

# Of what is downloaded and of what it becomes on a node.
MOST_BYTES, MOST_UNPACKED = 14_000_000, 36_000_000


class Contents(unittest.TestCase):
    suite = "bookworm"

    @classmethod
    def setUpClass(cls) -> None:
        cls.image = image(cls.suite)

    def files(self) -> set[str]:
        return {str(file.relative_to(self.image.root)) for file in self.image.root.rglob("*") if not file.is_dir()}

    def test_it_is_an_archive_of_the_oci_whose_digests_are_right(self) -> None:
        self.assertEqual((self.image.folder / "oci-layout").read_text(), '{"imageLayoutVersion":"1.0.0"}\n')
        for descriptor in (self.image.manifest["config"], *self.image.manifest["layers"]):
            content = self.image.blob(descriptor).read_bytes()
            self.assertEqual(f"sha256:{hashlib.sha256(content).hexdigest()}", descriptor["digest"])
            self.assertEqual(len(content), descriptor["size"])
        (layer,) = self.image.manifest["layers"]
        unpacked = subprocess.run(["gzip", "-dc", self.image.blob(layer)], capture_output=True, check=True).stdout
        self.assertEqual(self.image.configuration["rootfs"]["diff_ids"], [f"sha256:{hashlib.sha256(unpacked).hexdigest()}"])
        self.assertLess(len(unpacked), MOST_UNPACKED)
        self.assertLess(self.image.archive.stat().st_size, MOST_BYTES)
        print(f"image on {self.suite}: {self.image.archive.stat().st_size:,} bytes, unpacked {len(unpacked):,}")

    def test_the_same_package_makes_the_same_bytes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            again = build(self.suite, Path(folder))
            self.assertEqual(again.name, self.image.archive.name)
            self.assertEqual(again.read_bytes(), self.image.archive.read_bytes())

    def test_it_says_who_runs_what(self) -> None:
        said = self.image.configuration["config"]
        self.assertEqual(said["User"], "65534:65534")
        self.assertEqual(said["StopSignal"], "SIGTERM")
        self.assertIn("DASHBOARD_STATE_ADMIN=tcp:0.0.0.0:9464", said["Env"])
        self.assertEqual(list(said["ExposedPorts"]), ["9464/tcp"])
        (layer,) = self.image.manifest["layers"]
        with tarfile.open(self.image.blob(layer)) as archive:
            owners = {member.name: (member.uid, member.gid, member.mode) for member in archive}
        # The folder of the sockets alone is not root's.
        self.assertEqual(owners.pop("./run/dashboard-state"), (65534, 65534, 0o750))
        self.assertEqual({(user, group) for user, group, _ in owners.values()}, {(0, 0)})
        # Nobody else writes there, and nothing runs with more rights than who started it.
        for name, (_, _, mode) in owners.items():
            self.assertEqual(mode & 0o7022 if mode != 0o777 and name != "./tmp" else 0, 0, name)

    def test_it_has_nothing_to_run_but_the_worker(self) -> None:
        run = {file for file in self.files() if os.access(self.image.root / file, os.X_OK) and ".so" not in file}
        run = {file for file in run if not (self.image.root / file).is_symlink()}
        self.assertEqual(run, {"usr/sbin/dashboard-state-fcgi"})

    def test_all_libraries_are_there(self) -> None:
        root = self.image.root
        (loader,) = (file for file in root.glob("lib64/ld-*.so.*"))
        loader = root / os.readlink(loader).lstrip("/") if loader.is_symlink() and os.readlink(loader)[0] == "/" else loader
        folders = ":".join(str(folder) for folder in (*root.glob("lib/*-linux-gnu"), *root.glob("usr/lib/*-linux-gnu")))
        libssl = next(root.glob("usr/lib/*/libssl.so.3"))
        for program in (root / "usr/sbin/dashboard-state-fcgi", libssl):  # the latter is opened when it is needed
            done = subprocess.run(
                [loader, "--inhibit-cache", "--library-path", folders, "--list", program], capture_output=True, text=True
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            for library in re.findall(r"=> (\S+)", done.stdout):
                self.assertTrue(library.startswith(str(root)), done.stdout)

    def test_it_tells_what_it_is_made_of(self) -> None:
        root = self.image.root
        self.assertIn(f"VERSION_CODENAME={self.suite}", (root / "etc/os-release").read_text())
        records = {file.name: file.read_text() for file in (root / "var/lib/dpkg/status.d").iterdir()}
        self.assertLessEqual({"dashboard-state", "libc6", "ca-certificates"}, set(records))
        own = subprocess.run(["dpkg-deb", "--field", package()], capture_output=True, check=True, text=True).stdout
        self.assertEqual(records["dashboard-state"], own)
        self.assertTrue((root / "usr/share/doc/dashboard-state/copyright").exists())
        authorities = (root / "etc/ssl/certs/ca-certificates.crt").read_text()
        self.assertGreater(authorities.count("BEGIN CERTIFICATE"), 100)


class ContentsOnDebian13(Contents):
    suite = "trixie"
