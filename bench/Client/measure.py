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
        script = "const done = arguments[0]; measure().then(done, (error) => done([['error', String(error)]]));"
        for name, figure in driver.execute_async_script(script):
            print(f"{name:32} {figure}")
    finally:
        driver.quit()
        server.shutdown()


if __name__ == "__main__":
    main()
