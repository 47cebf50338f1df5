"""`--check` of where a worker is to listen: it says what a start says, and makes, removes and takes nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import unittest
from pathlib import Path

from observed import Observed
from programs import WORKER

# Nobody may write where another user's folder is, but root.
NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")


def run(*options: object, ahead: tuple[str, ...] = (), worker: Path = WORKER, **environment: str) -> tuple[int, str]:
    command = [*ahead, worker, *map(str, options)]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin"} | environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


class Listening(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Observed()
        self.addCleanup(self.bench.stop)
        self.folder = self.bench.folder
        self.program = WORKER

    def expect_refusal(self, path: Path, sentence: str, ahead: tuple[str, ...] = ()) -> None:
        listen = ("--listen", f"unix:{path}")
        before = sorted(self.folder.rglob("*"))
        checked = run("--check", *listen, ahead=ahead, worker=self.program)
        started = run(*listen, ahead=ahead, worker=self.program)
        self.assertEqual((checked[0], started[0]), (78, 78), (checked, started))
        self.assertEqual(checked[1].removeprefix("error settings: "), started[1].removeprefix("dashboard-state-fcgi: "))
        self.assertIn(sentence, checked[1])
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def test_it_says_what_a_start_says(self) -> None:
        self.expect_refusal(self.folder / "none/a.sock", f"cannot listen in '{self.folder}/none': there is no such folder")
        (self.folder / "file").write_text("")
        self.expect_refusal(self.folder / "file/a.sock", "this user cannot make a socket there (Not a directory)")
        self.expect_refusal(self.folder / "file", f"cannot listen on '{self.folder}/file': something else than a socket")
        self.expect_refusal(self.folder / ("x" * 108), "has at most 107 bytes")

    @unittest.skipIf(os.getuid() != 0, "only root can become somebody who may not write")
    def test_a_folder_of_another_user(self) -> None:
        # Where nobody can get at it, whatever folders the sources are in.
        self.program = self.folder / "program"
        shutil.copy(WORKER, self.program)
        for place, mode in ((self.folder, 0o755), (self.program, 0o755)):
            place.chmod(mode)
        for name, mode, sentence in (
            ("foreign", 0o755, "this user cannot make a socket there (Permission denied)"),
            ("hidden", 0o700, "this user may not read the folder"),
            ("write-only", 0o733, "this user may not read the folder"),
        ):
            with self.subTest(name):
                (self.folder / name).mkdir()
                (self.folder / name).chmod(mode)
                self.expect_refusal(self.folder / name / "a.sock", sentence, ahead=NOBODY)
        (self.folder / "own").mkdir()
        (self.folder / "own").chmod(0o777)
        listen = ("--listen", f"unix:{self.folder}/own/a.sock")
        self.assertEqual(run("--check", *listen, ahead=NOBODY, worker=self.program), (0, ""))
        self.assertEqual(list((self.folder / "own").iterdir()), [])

    def test_a_worker_that_runs_there_goes_on(self) -> None:
        self.bench.await_ready()
        path = self.bench.socket("worker")
        before = path.stat().st_ino
        accepted = self.bench.metrics()("connections_accepted_total")
        self.assertEqual(run("--check", "--listen", f"unix:{path}"), (0, ""))
        self.assertEqual(path.stat().st_ino, before)
        self.assertEqual(self.bench.metrics()("connections_accepted_total"), accepted)
        self.assertEqual(self.bench.post(1, {}).status, 200)

    def test_sockets_that_are_handed_over_need_no_folder(self) -> None:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.folder / "handed"))
            listener.listen()
            for command in ('LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&0 0</dev/null', 'exec "$@"'):
                for options, words in (
                    ((), ()),
                    (("--listen", "unix:/nowhere/a.sock"), ("warning settings: --listen", "has no effect", "/handed")),
                ):
                    with self.subTest(command, options=options):
                        done = subprocess.run(
                            ["sh", "-c", command, "sh", WORKER, "--check", *options],
                            env={"PATH": "/usr/bin:/bin"}, stdin=listener, capture_output=True, text=True, timeout=60,
                        )  # fmt: skip
                        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                        self.assertEqual(len(done.stdout.splitlines()), len(words[:1]))
                        for word in words:
                            self.assertIn(word, done.stdout)

    def test_what_was_handed_over_wrongly_is_an_error(self) -> None:
        status, text = run(
            "--check", ahead=("sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3</dev/null', "sh")
        )
        self.assertEqual(status, 78)
        self.assertIn("error settings: LISTEN_FDS says that descriptor 3", text)

    def test_where_nothing_is_set_no_folder_is_missing(self) -> None:
        """Whoever types it for the package's workers, which have sockets handed over, need not have that folder."""
        hidden = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh")
        if os.getuid() != 0 or subprocess.run([*hidden, "true"], capture_output=True, timeout=60).returncode != 0:
            self.skipTest("only root can have a /run of its own")
        self.assertEqual(run("--check", ahead=hidden), (0, ""))


if __name__ == "__main__":
    unittest.main()
