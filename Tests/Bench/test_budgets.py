"""When `bench/instructions --check` fails, and what it says."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.append(str(BENCH))

from harness import budgets, counts  # noqa: E402


class BudgetsTests(unittest.TestCase):
    def test_three_percent_more_is_too_much_and_less_is_not(self):
        self.assertEqual(budgets.failures({"get-2k": 10_299, "save-2k": 100}, {"get-2k": 10_000, "save-2k": 9_999}), [])
        [sentence] = budgets.failures({"get-2k": 10_350, "save-2k": 100}, {"get-2k": 10_000, "save-2k": 100})
        self.assertEqual(sentence, "get-2k takes 10,350 instructions, 3.5% more than its 10,000")

    def test_a_request_without_a_budget_fails(self):
        self.assertEqual(budgets.failures({"new": 1}, {}), ["new has no budget"])

    def test_another_machine_is_known_by_what_differs(self):
        here = budgets.machine()
        self.assertTrue(all(here.values()), here)
        self.assertEqual(budgets.differences(here, dict(here)), [])
        [sentence] = budgets.differences(here, here | {"libc6": "1"})
        self.assertEqual(sentence, f"libc6: {here['libc6']}, not 1")
        self.assertTrue(budgets.differences(here, {}))

    def test_every_request_that_is_counted_has_a_budget(self):
        self.assertEqual(list(budgets.Budgets.read().instructions), list(counts.KINDS))

    def test_budgets_are_written_as_they_are_read(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "budgets.json"
            budgets.Budgets.read().write(file)
            self.assertEqual(file.read_bytes(), budgets.FILE.read_bytes())


class ProgramsTests(unittest.TestCase):
    def test_each_finds_what_it_is_made_of(self):
        """Those that no other test runs take some of it from the tests."""
        programs = [file for file in BENCH.iterdir() if file.is_file() and b"python3" in file.read_bytes().partition(b"\n")[0]]
        self.assertIn(BENCH / "admin", programs)
        for program in programs:
            with self.subTest(program.name):
                command = [sys.executable, "-B", "-c", f"import runpy; runpy.run_path({str(program)!r}, run_name='looked at')"]
                # Where a program lies, its modules are found.
                done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=BENCH)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
