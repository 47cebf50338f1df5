"""Whether the documentation's links lead somewhere, and whether it has what the code has."""

from __future__ import annotations

import re
import struct
import unittest

import pages
from programs import TOP

DOCUMENTS = TOP / "docs"


class Links(unittest.TestCase):
    def test_each_leads_somewhere(self) -> None:
        all_pages = pages.tracked("*.md")
        self.assertIn(DOCUMENTS / "http.md", all_pages)
        count = 0
        for page in all_pages:
            for link in pages.links(page):
                count += 1
                with self.subTest(page=str(page.relative_to(TOP)), link=link):
                    path, _, title = link.partition("#")
                    target = (page.parent / path).resolve() if path else page
                    self.assertTrue(target.exists())
                    if title:
                        self.assertIn(title, pages.anchors(target))
        self.assertGreater(count, 80)

    def test_pages_that_files_name_are_there(self) -> None:
        for file in pages.tracked("deploy", "Sources", "bench", "Tests", "web", "*.example", "Makefile"):
            if file.suffix in (".png", ".svg", ".json", ".tgz") or file.is_relative_to(TOP / "Tests/Documentation"):
                continue
            for name in re.findall(r"(?<![\w/.])docs/[\w-]+\.(?:md|png)", file.read_text(errors="replace")):
                with self.subTest(file=str(file.relative_to(TOP)), name=name):
                    self.assertTrue((TOP / name).exists())

    def test_each_page_is_linked_from_the_readme(self) -> None:
        linked = {link.partition("#")[0] for link in pages.links(TOP / "README.md")}
        for page in DOCUMENTS.iterdir():
            self.assertIn(f"docs/{page.name}", linked)


class Pasted(unittest.TestCase):
    # What they say to type runs the tests themselves, or measures for minutes.
    BESIDE = {"CONTRIBUTING.md", "Tests/README.md", "docs/scaling.md"}

    def test_somebody_pastes_each_page_that_says_what_to_type(self) -> None:
        suites = [file for file in pages.tracked("Tests") if file.suffix == ".py" and file.name != "test_pages.py"]
        text = "\n".join(file.read_text() for file in suites)
        for page in pages.tracked("*.md"):
            name = str(page.relative_to(TOP))
            if any(language == "sh" for language, _ in pages.blocks(page)) and name not in self.BESIDE:
                self.assertIn(f'"{name}"', text)


class Readme(unittest.TestCase):
    def test_it_is_short(self) -> None:
        self.assertLessEqual(len((TOP / "README.md").read_text().splitlines()), 120)

    def test_its_picture_is_one_and_small(self) -> None:
        picture = DOCUMENTS / "demo.png"
        data = picture.read_bytes()
        self.assertLess(len(data), 120_000)
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", data[16:24])
        self.assertIn(width, range(1000, 1400))
        self.assertIn(height, range(500, 900))

    def test_what_it_says_to_type_to_make_is_there(self) -> None:
        targets = set(re.findall(r"^([\w-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
        for page in [*TOP.glob("*.md"), *DOCUMENTS.glob("*.md")]:
            for name in re.findall(r"(?:^|`)make ([\w-]+)", page.read_text(), re.MULTILINE):
                self.assertIn(name, targets, page.name)


class Code(unittest.TestCase):
    def test_the_table_of_problems_is_that_of_the_code(self) -> None:
        code = (TOP / "Sources/DashboardStateServer/HTTP/Problem+Kind.swift").read_text()
        names = dict(re.findall(r'case \.(\w+): "([\w-]+)"', code))
        status = (TOP / "Sources/DashboardStateServer/HTTP/Status.swift").read_text()
        numbers = dict(re.findall(r"case (\w+) = (\d+)", status))
        in_code = set()
        for cases, name in re.findall(r"case (\.[\w., ]+): \.(\w+)$", code, re.MULTILINE):
            in_code |= {(numbers[name], names.get(case, "about:blank")) for case in re.findall(r"\.(\w+)", cases)}
        self.assertGreater(len(in_code), 20)
        in_page = set()
        for row in pages.rows(pages.section(DOCUMENTS / "http.md", "Problems")):
            in_page |= {(row[0], name) for name in re.findall(r"`([\w:-]+)`", row[1])}
        # What web servers alone answer.
        in_page -= {("429", "about:blank"), ("503", "sign-in-unavailable")}
        self.assertEqual(in_page, in_code)

    def test_the_methods_are_those_of_the_code(self) -> None:
        code = (TOP / "Sources/DashboardStateServer/StateHandler.swift").read_text()
        allowed = re.search(r'let allowed: StaticString = "(.*?)"', code)
        assert allowed is not None
        rows = pages.rows(pages.section(DOCUMENTS / "http.md", "Requests"))
        served = {name for row in rows for name in re.findall(r"`([A-Z]+)`", row[0]) if "`405`" not in row[1]}
        self.assertEqual(served, set(allowed[1].split(", ")))
        [refused] = [row for row in rows if "`405`" in row[1]]
        self.assertEqual(re.findall(r"`([A-Z]+)`", refused[0]), ["PATCH"])

    def test_the_tables_of_options_are_those_of_the_client(self) -> None:
        code = (TOP / "web/options.js").read_text()
        for kind, number in (("STORE", 1), ("CLIENT", 2)):
            rules = re.search(rf"^const {kind} = {{\n(.*?)^}};", code, re.MULTILINE | re.DOTALL)
            assert rules is not None
            in_code = set(re.findall(r"^    (\w+):", rules[1], re.MULTILINE))
            table = pages.section(DOCUMENTS / "web-client.md", "Options").split("\nOf ")[number]
            in_page = {name for row in pages.rows(table) for name in re.findall(r"`(\w+)`", row[0])}
            self.assertEqual(in_page, in_code, kind)

    def test_the_folders_of_the_architecture_are_those_of_the_sources(self) -> None:
        text = (DOCUMENTS / "architecture.md").read_text()
        for folder in (TOP / "Sources").iterdir():
            self.assertIn(f"`{folder.name}`", text)
        for place in re.findall(r"`((?:\w+/)+\w*)`", text):
            self.assertTrue(any((top / place).exists() or (top / f"{place}.swift").exists()
                                for top in (TOP, TOP / "Sources", *(TOP / "Sources").iterdir())), place)
        # What it names is somewhere.
        swift = "\n".join(file.read_text() for file in (TOP / "Sources").rglob("*.swift"))
        for name in re.findall(r"`([A-Z]\w+)`", text):
            is_folder = any(path.name == name for path in (TOP / "Sources").rglob("*"))
            is_known = is_folder or re.search(rf"\b(class|struct|enum|protocol) {name}\b", swift)
            self.assertTrue(is_known or name in ("Sources", "WATCH", "MULTI", "GET", "SET", "EVALSHA", "SIGTERM"), name)
        for name in re.findall(r"`([\w-]+\.js)`", text):
            self.assertTrue((TOP / "web" / name).exists(), name)

    def test_each_example_of_a_web_server_or_a_sign_in_is_in_its_table(self) -> None:
        for page, files in (
            ("web-servers.md", [TOP / "nginx.conf.example", *(TOP / "deploy").glob("*.example")]),
            ("sign-in.md", [*(TOP / "deploy/sign-in").iterdir(), TOP / "deploy/sample-sign-in.nginx.conf"]),
        ):
            linked = {(DOCUMENTS / link).resolve() for link in pages.links(DOCUMENTS / page)}
            self.assertLessEqual({file.resolve() for file in files}, linked)
