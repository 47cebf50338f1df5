"""What README.md and docs tell an operator, and typing it."""

import re
import unittest

from machine import TOP


def blocks(document):
    """The blocks of shell of a document, each with the headings above it: pairs of a heading and a block's text."""
    heading, found = "", []
    text = (TOP / document).read_text()
    for match in re.finditer(r"^#+ ([^\n]*)$|^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if match[1] is not None:
            heading = match[1]
        elif match[2] == "sh":
            found.append((heading, match[3]))
    return found


def commands(document, heading, block=0):
    """The commands of a block of shell below a heading, the first one unless told otherwise, each as it stands."""
    below = [text for above, text in blocks(document) if above == heading]
    if len(below) <= block:
        raise AssertionError(f"{document} has no block of shell {block} below '{heading}'")
    return split(below[block])


def split(text):
    """The commands of a block, each with the lines that it goes on in."""
    return re.split(r"(?<!\\)\n", text.strip())


def only_block_with(document, words):
    """The commands of the one block of shell of a document that has these words, wherever it stands."""
    found = [text for _, text in blocks(document) if words in text]
    if len(found) != 1:
        raise AssertionError(f"{document} has {len(found)} blocks of shell with '{words}'")
    return split(found[0])


def comment(text):
    """The commands that the comment at the top of a file tells to type: its lines that are indented."""
    head = re.match(r"(#.*\n)*", text)[0]
    return "\n".join(re.findall(r"^#   (.*)$", head, re.MULTILINE))


def only_command_with(text, word):
    """The command in backticks that begins with a word, in a text that has one."""
    [found] = re.findall(rf"`({word} [^`]+)`", text)
    return found


def table(name):
    """The rows of the only table of a file, without its head."""
    return [row for row in (TOP / name).read_text().splitlines() if row.startswith("|")][2:]


def save(test: unittest.TestCase, machine, lines):
    """Types commands on a machine, as they stand, and checks that they are few and that the last one saves a state."""
    test.assertLessEqual(len(lines), 10)
    for package in re.findall(r"\./(\S+\.deb)", lines[0]):
        test.assertEqual(package, "dashboard-state_*.deb")
    # By an administrator whose files are nobody else's, unless the commands say so.
    machine.run("\n".join(["umask 077", *lines[:-1]]))
    save_with(test, machine, lines[-1])


def save_with(test: unittest.TestCase, machine, command):
    """Types a command on a machine, and checks that it saves a state."""
    # A web server that is reloaded serves by its former configuration for a moment: nobody types that fast.
    for _ in range(20):
        done = machine.run(command)
        if "serverVersion" in done.stdout:
            break
        machine.run("sleep 0.3")
    test.assertTrue(done.stdout.rstrip().endswith('{"success":true,"serverVersion":1}'), done.stdout[-500:])
