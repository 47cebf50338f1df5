"""What README.md tells an operator."""

import re
import unittest

from machine import TOP


def commands(heading, block=0):
    """The commands of a block of shell below a heading, the first one unless told otherwise, each as one string."""
    text = (TOP / "README.md").read_text()
    match = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```sh\n(.*?)^```", match[1] if match else "", re.MULTILINE | re.DOTALL)
    if len(blocks) <= block:
        raise AssertionError(f"README.md has no block of shell {block} below '{heading}'")
    return blocks[block].replace("\\\n", " ").strip().splitlines()


def table(name):
    """The rows of the only table of a file, without its head."""
    return [row for row in (TOP / name).read_text().splitlines() if row.startswith("|")][2:]


def run(test: unittest.TestCase, machine, heading, block=0):
    """Types the commands on a machine, as they stand, and checks that the last one saves a state."""
    lines = commands(heading, block)
    test.assertLess(len(lines), 10)
    for package in re.findall(r"\./(\S+\.deb)", lines[0]):
        test.assertEqual(package, "dashboard-state_*.deb")
    machine.run("\n".join(lines[:-1]))
    # A web server that is reloaded serves by its former configuration for a moment: nobody types that fast.
    for _ in range(20):
        done = machine.run(lines[-1])
        if "serverVersion" in done.stdout:
            break
        machine.run("sleep 0.3")
    test.assertTrue(done.stdout.rstrip().endswith('{"success":true,"serverVersion":1}'), done.stdout[-500:])
