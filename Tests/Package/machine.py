"""A Debian of its own: unpacked from a tar file that is kept between runs, booted with systemd in namespaces."""

import atexit
import fcntl
import hashlib
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
CACHE = TOP / ".build-package"

# What docs/install.md installs beside the package itself. The machine has no network, so their files wait in apt's cache.
PACKAGES = ["apache2", "curl", "libapache2-mod-auth-openidc", "nginx", "openssl", "redis-server", "spawn-fcgi"]


def package_file():
    """The package that `make deb` has made."""
    [file] = TOP.glob("dashboard-state_*.deb")
    return file


def release():
    """The name of the Debian that the package was built on, and depends on."""
    lines = pathlib.Path("/etc/os-release").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["VERSION_CODENAME"]


def base(suite):
    """A tar file with a minimal Debian that has systemd, and the files of what the tests will install."""
    field = subprocess.run(["dpkg-deb", "--field", package_file(), "Depends"], capture_output=True, check=True, text=True)
    # Of alternatives the first; systemd is there already.
    needed = {one.split("|")[0].split("(")[0].strip() for one in field.stdout.split(",")} | set(PACKAGES)
    wanted = " ".join(sorted(needed))
    month = time.strftime("%Y-%m")  # So that the copy does not fall behind Debian's own for long.
    file = CACHE / f"{suite}-{hashlib.sha256((wanted + month).encode()).hexdigest()[:16]}.tar"
    CACHE.mkdir(exist_ok=True)
    # One makes it for all.
    with open(CACHE / f"{suite}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            make_base(suite, wanted, file)
    return file


def make_base(suite, wanted, file):
    for old in CACHE.glob(f"{suite}-*.tar"):
        old.unlink()
    fresh = file.with_suffix(".new.tar")
    subprocess.run(
        [
            "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--include=systemd,systemd-sysv",
            # The lists and the files of packages stay: from them apt installs without a network.
            "--skip=cleanup/apt/lists,cleanup/apt/cache",
            f'--customize-hook=chroot "$1" apt-get install -qq --yes --download-only --no-install-recommends {wanted}',
            suite, fresh,
        ],
        check=True,
    )
    fresh.rename(file)


class Machine:
    """One Debian, from its first boot to its end: the one that the package was built on, unless another is named."""

    def __init__(self, suite=None):
        self.name = f"dashboard-state-{secrets.token_hex(4)}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dashboard-state-"))
        self.root = self.folder / "root"
        self.process = None
        self.group = None
        self.root.mkdir()
        atexit.register(self.remove)  # Where a test is interrupted, its class cleans nothing up.
        subprocess.run(["tar", "-C", self.root, "-xf", base(suite or release())], check=True)
        # Debian's packages speak of recommendations that the machine cannot fetch.
        (self.root / "etc/apt/apt.conf.d/90test").write_text('APT::Install-Recommends "false";\n')

    def boot(self):
        """Starts systemd, and waits until it has started everything else."""
        self.group = control_group(self.name)
        options = ["--register=no", "--console=pipe", "--private-network", "--link-journal=no", "--resolv-conf=off",
                   "--timezone=off", f"--machine={self.name}"]
        if self.group:
            options.append("--keep-unit")
        with (self.folder / "console").open("wb") as log:
            self.process = subprocess.Popen(
                # It moves itself first: what systemd makes for its units shall be below a group of the test's own.
                ["setpriv", "--pdeathsig", "TERM", "sh", "-c",
                 'if [ -n "$CGROUP" ]; then echo $$ >"$CGROUP/cgroup.procs"; fi; exec "$@"', "sh",
                 "systemd-nspawn", "--quiet", f"--directory={self.root}", *options, "--boot"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                # As Debian has it, whatever the machine outside has.
                env={**os.environ, "CGROUP": str(self.group or ""), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        for _ in range(600):
            state = self.run("systemctl is-system-running", check=False).stdout.strip() if self.first() else ""
            if state in ("running", "degraded"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError("the machine does not boot: " + (self.folder / "console").read_text(errors="replace"))

    def first(self):
        """The id, on the outside, of the process that is number 1 inside; 0 before there is one."""
        try:
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for child in children:
                status = pathlib.Path(f"/proc/{child}/status").read_text()
                [spaces] = [line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")]
                if spaces[-1] == "1" and len(spaces) > 1:
                    return int(child)
        except FileNotFoundError:
            pass
        return 0

    def enter(self, *namespaces):
        """What to put before a command, so that it runs in these namespaces of the machine (nsenter's options)."""
        return ["nsenter", f"--target={self.first()}", *namespaces]

    def run(self, script, check=True):
        """Runs a shell script on the machine, as root logs in there; in a chroot where it is not booted."""
        if self.process:
            way = self.enter("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root")
        else:
            # With /proc, as every image builder has it.
            way = ["unshare", "--mount", "--pid", "--fork", f"--root={self.root}", "--mount-proc"]
        clean = ["/usr/bin/env", "-i", "--chdir=/root", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                 "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
        done = subprocess.run(
            [*way, *clean, "bash", "-euo", "pipefail", "-c", script],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{script}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def worker(self, number):
        """The id of a worker's process on the machine; 0 where it does not run."""
        return int(self.run(f"systemctl show --property MainPID --value dashboard-state@{number}").stdout)

    def status(self, number):
        """What the kernel says of a worker's process (/proc/PID/status)."""
        lines = self.run(f"cat /proc/{self.worker(number)}/status").stdout.splitlines()
        return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}

    def put(self, path, text, mode=0o644):
        """Writes a file on the machine."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def remove(self):
        """Ends everything that runs there, and removes it."""
        atexit.unregister(self.remove)
        if self.process:
            first = self.first()
            if first:
                os.kill(first, signal.SIGKILL)  # With it, the kernel ends all that runs there.
            self.process.kill()
            self.process.wait()
            for kind, folder in hierarchies():
                if self.group and (folder / self.name).exists():  # nspawn makes it in others too.
                    remove_group(folder / self.name)
        shutil.rmtree(self.folder)


def control_group(name):
    """Makes a control group for all that runs on a machine, and returns its folder; none where systemd runs outside,
    which makes one itself."""
    if os.path.isdir("/run/systemd/system"):
        return None
    for kind, folder in hierarchies():
        if kind == "cgroup2":
            (folder / name).mkdir()
            return folder / name
    raise AssertionError("there is no cgroup2 file system")


def hierarchies():
    """The control group file systems: their kinds and where they are."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields, kind = line.split(" - ")
        if kind.startswith("cgroup"):
            yield kind.split()[0], pathlib.Path(fields.split()[4])


def remove_group(folder):
    """Removes a control group with those below it, once their processes are gone."""
    for attempt in range(100):
        try:
            for path, _, _ in os.walk(folder, topdown=False):
                os.rmdir(path)
            return
        except OSError:
            if attempt == 99:
                raise
            time.sleep(0.1)


def needs_root():
    """Skips, and says why, where a machine cannot be made."""
    if os.geteuid() != 0:
        why = "only root can boot a Debian of its own: not tested what becomes of a machine that the package is on"
    elif subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True).returncode != 0:
        why = "namespaces are forbidden here: not tested what becomes of a machine that the package is on"
    else:
        return
    skip(why)


def skip(why):
    """Skips a test, and says why even where only dots are printed."""
    print(f"skipped: {why}")
    raise unittest.SkipTest(why)
