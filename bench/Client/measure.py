"""Opens the page with the measurements in Chromium, and prints what it finds."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

TOP = Path(__file__).resolve().parent.parent.parent


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def processor_time(driver: webdriver.Chrome) -> float:
    """Of the page's main thread, in ms."""
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def main() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=TOP))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        driver.set_script_timeout(300)
        driver.get(f"http://127.0.0.1:{server.server_address[1]}/bench/Client/page.html")
        # What else the machine does is in the ms that pass, and not in the processor time of the page's thread.
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        rounds = driver.execute_script("return rounds")
        for name in driver.execute_script("return Object.keys(parts)"):
            before = processor_time(driver)
            figures = driver.execute_async_script("parts[arguments[0]]().then(arguments[1], (error) => arguments[1](String(error)))", name)
            spent = (processor_time(driver) - before) / rounds
            print(f"{name:24} {figures}; processor {spent:.1f} ms, with what makes the states")
    finally:
        driver.quit()
        server.shutdown()


if __name__ == "__main__":
    main()
