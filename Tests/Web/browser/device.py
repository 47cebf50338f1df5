"""A device of a user: a Chromium with a profile of its own."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
import unittest
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service as Driver
from programs import wait_until
from service import Service

service: Service
"""The one that all tests share; they begin with an empty Redis."""

_devices: list[Device] = []

PASSWORDS = {"alice": "wonderland", "bob": "builder"}


class Device:
    """One browser. Tests reuse it: each begins with no cookies, an empty storage and one tab."""

    def __init__(self) -> None:
        self.profile = tempfile.mkdtemp(prefix="dashboard-state-device-")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in (
            "--headless=new",
            "--no-sandbox",  # Chromium's own needs more than a container's root has
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--window-size=1280,900",
            f"--user-data-dir={self.profile}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Driver("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(30)
        self.driver.set_page_load_timeout(30)

    def reset(self) -> None:
        self.set_offline(False)
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        first, *others = self.driver.window_handles
        for handle in others:
            self.driver.switch_to.window(handle)
            self.driver.close()
        self.driver.switch_to.window(first)
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": service.site, "storageTypes": "all"})
        self.driver.get_log("browser")

    def close(self) -> None:
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    # ---- Pages ----

    def open(self, path: str = "/test/bare.html", ready: str = "window.isReady") -> None:
        self.driver.get(service.site + path)
        self.wait(ready)

    def sign_in(self, user: str = "alice") -> None:
        """As the demo's page does; then the pages find the user signed in."""
        if not self.driver.current_url.startswith(service.site):
            self.driver.get(service.site + "/test/blank.html")
        credentials = base64.b64encode(f"{user}:{PASSWORDS[user]}".encode()).decode()
        status = self.run_async(
            "const r = await fetch('/demo/sign-in', {method: 'POST', headers: {Authorization: arguments[0]}}); return r.status;",
            f"Basic {credentials}",
        )
        assert status == 200, status

    def start(self, user: str = "alice", query: str = "") -> None:
        """Signs in and opens the page with the store, until it has restored."""
        self.sign_in(user)
        self.open(f"/test/bare.html?{query}")
        self.wait("store.lastSyncedAt !== null && !store.isSyncing")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def run_async(self, body: str, *arguments: Any) -> Any:
        """Runs the body of an async function, and gives what it returns."""
        script = f"""
            const done = arguments[arguments.length - 1];
            (async function () {{ {body} }}).apply(null, arguments).then(done, (error) => done({{error: String(error)}}));
        """
        return self.driver.execute_async_script(script, *arguments)

    def wait(self, condition: str, what: str | None = None) -> None:
        """Waits until an expression of the page is true."""
        wait_until(lambda: self.run(f"try {{ return Boolean({condition}); }} catch {{ return false; }}"), what or condition)

    def new_tab(self, path: str) -> str:
        self.driver.switch_to.new_window("tab")
        self.open(path)
        return self.driver.current_window_handle

    def set_offline(self, offline: bool) -> None:
        self.driver.execute_cdp_cmd("Network.enable", {})
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)

    def errors(self) -> list[str]:
        """What the console holds, apart from answers of 4xx and 5xx, which Chromium writes there too."""
        entries = self.driver.get_log("browser")
        return [e["message"] for e in entries if e["level"] == "SEVERE" and e["source"] != "network"]

    # ---- The store on the page ----

    @property
    def state(self) -> Any:
        return self.run("return store.getState()")

    def edit(self, expression: str) -> None:
        """Sets the state to an expression of `state`."""
        self.run(f"store.setState((state) => ({expression}))")

    def sync(self) -> str:
        return self.run_async("return (await store.syncToServer()).status")

    def restore(self) -> str:
        return self.run_async("return (await store.restoreFromServer()).status")

    def wait_synced(self) -> None:
        self.wait("!store.hasUnsyncedChanges && !store.isSyncing && !store.syncError")


class BrowserTest(unittest.TestCase):
    """A test with up to two devices and an empty service."""

    def setUp(self) -> None:
        service.redis("flushall")
        for one in _devices:
            one.reset()

    def tearDown(self) -> None:
        for number, one in enumerate(_devices):
            if self._failed():
                picture = Path(tempfile.gettempdir()) / f"{self.id()}-{number}.png"
                one.driver.save_screenshot(str(picture))
                print(f"see {picture}")
            self.assertEqual(one.errors(), [])

    def _failed(self) -> bool:
        result = self._outcome.result  # type: ignore[attr-defined]
        return any(test is self for test, _ in [*result.failures, *result.errors])

    @property
    def device(self) -> Device:
        return _device(0)

    @property
    def other(self) -> Device:
        return _device(1)

    def stored(self, user: str = "alice") -> Any:
        """What the service has."""
        credentials = base64.b64encode(f"{user}:{PASSWORDS[user]}".encode()).decode()
        request = urllib.request.Request(
            f"{service.site}/api/dashboard/state", headers={"Authorization": f"Basic {credentials}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["state"]

    def wait_stored(self, condition: Callable[[Any], bool], what: str) -> None:
        def is_stored() -> bool:
            try:
                return condition(self.stored())
            except urllib.error.HTTPError:
                return False

        wait_until(is_stored, what)


def _device(number: int) -> Device:
    while len(_devices) <= number:
        _devices.append(Device())
    return _devices[number]


def close_all() -> None:
    while _devices:
        _devices.pop().close()
