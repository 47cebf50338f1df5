"""Takes the picture of the demo that README.md shows, of the page as `make demo` serves it.

    .build-web/venv/bin/python -B Tests/Web/picture.py [FILE]    docs/demo.png, unless another is named

Tests/Web/run makes the virtual environment. DASHBOARD_STATE_WORKER names the worker (the release build).
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "browser"), str(HERE.parent / "PythonSupport")]

import device  # noqa: E402
from demo_page import click, wait_for  # noqa: E402
from service import Service  # noqa: E402

WIDTH, HEIGHT = 1280, 640


def main(path: Path) -> None:
    with Service() as service:
        device.service = service
        page = device.Device()
        try:
            metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
            page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            page.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
            page.open("/", ready="'ready' in document.body.dataset")
            click(page, "sign-in-alice")
            page.wait("!document.getElementById('app').hidden && window.dashboardStore?.lastSyncedAt")
            wait_for(page, "synced")
            page.run("document.activeElement.blur(); scrollTo(0, 0)")
            page.driver.save_screenshot(str(path))
        finally:
            page.close()
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "docs/demo.png")
