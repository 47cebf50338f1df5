"""A real Prometheus, with what deploy/prometheus has for it."""

from __future__ import annotations

import json
import re
import unittest

from observed import PROMETHEUS as FOLDER
from observed import RULES, Observed, Prometheus, promtool
from programs import free_port, wait_until


class Files(unittest.TestCase):
    def test_each_alert_is_tested(self) -> None:
        promtool("check", "config", FOLDER / "prometheus.yml")
        promtool("test", "rules", FOLDER / "dashboard-state.rules.test.yml")
        alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
        tested = re.findall(r"    name: (\w+)", (FOLDER / "dashboard-state.rules.test.yml").read_text())
        self.assertEqual(alerts, tested)

    def test_each_panel_has_its_place(self) -> None:
        panels = json.loads((FOLDER / "grafana-dashboard.json").read_text())["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken: set[tuple[int, int]] = set()
        for panel in panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24)
            cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells


    def test_what_alerts_count_is_told_from_the_start(self) -> None:
        """Prometheus sees no increase in a series that begins with 1."""
        with Observed() as bench:
            samples = bench.metrics().samples
        found = 0
        for name, selector in re.findall(r"\b(dashboard_state_\w+_total)(?:\{(.*?)\})?", RULES.read_text()):
            known = [dict(labels) for sample, labels in samples if sample == name]
            self.assertTrue(known, name)
            for label, values in re.findall(r'(\w+)=~?"(.*?)"', selector):
                for value in values.split("|"):
                    found += 1
                    self.assertTrue(any(labels[label] == value for labels in known), f'{name}{{{label}="{value}"}}')
        self.assertGreater(found, 15)


class Scraped(unittest.TestCase):
    """Workers, and a Prometheus that scrapes them as the shipped configuration says, but each second."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.bench = Observed()
        cls.addClassCleanup(cls.bench.stop)
        second = free_port()
        cls.bench.serve("--threads", "1", "--admin", f"tcp:127.0.0.1:{second}", name="second")
        cls.bench.await_ready()
        cls.prometheus = Prometheus(cls.bench, cls.bench.port, second)

    def load(self) -> None:
        for name in ("worker", "second"):
            with self.bench.connect(name) as connection:
                version = self.version
                connection.ask("POST", json.dumps({"version": version, "state": {"a": version}}), user=name)
                for _ in range(16):
                    connection.ask("GET", user=name)
        self.version += 1

    version = 1

    def test_no_query_of_the_dashboard_is_empty(self) -> None:
        panels = json.loads((FOLDER / "grafana-dashboard.json").read_text())["panels"]
        queries = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
        self.assertGreater(len(queries), 30)
        empty: list[str] = []

        def all_have_data() -> bool:
            self.load()
            empty.clear()
            for title, text in queries:
                expression = text.replace("$__rate_interval", "20s").replace("$instance", ".*")
                values = [sample["value"][1] for sample in self.prometheus.query(expression)]
                # A quantile of nothing is no number.
                if not any(value != "NaN" for value in values):
                    empty.append(f"{title}: {expression}")
            return not empty

        try:
            wait_until(all_have_data, "data in every panel", 60)
        except TimeoutError:
            self.fail("\n".join(empty))

    def test_what_is_scraped_is_what_is_told(self) -> None:
        self.load()
        expected = self.bench.metrics()("reads_total", outcome="hit")
        expression = f'dashboard_state_reads_total{{outcome="hit", instance="127.0.0.1:{self.bench.port}"}} == {expected}'
        wait_until(lambda: self.prometheus.query(expression), "the scrape of it")
        _, body = self.prometheus.ask("/api/v1/targets")
        for target in json.loads(body)["data"]["activeTargets"]:
            self.assertEqual((target["health"], target["lastError"]), ("up", ""))

    def test_the_alerts_are_loaded_and_quiet(self) -> None:
        _, body = self.prometheus.ask("/api/v1/rules")
        rules = json.loads(body)["data"]["groups"][0]["rules"]
        self.assertEqual({rule["health"] for rule in rules} - {"unknown"}, {"ok"})
        self.assertEqual([rule["name"] for rule in rules if rule["state"] == "firing"], [])

    def test_an_alert_names_metrics_that_there_are(self) -> None:
        names = set(re.findall(r"dashboard_state_\w+", RULES.read_text()))
        there = self.bench.metrics().names()
        self.assertEqual({name for name in names if not any(known.startswith(name) for known in there)}, set())
