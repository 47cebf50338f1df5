"""What the tests of the demo's page share: finding and doing things on it."""

from __future__ import annotations

from device import BrowserTest, Device
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement


def one(device: Device, test_id: str) -> WebElement:
    return device.driver.find_element(By.CSS_SELECTOR, f'[data-testid="{test_id}"]')


def click(device: Device, test_id: str) -> None:
    device.run("arguments[0].scrollIntoView({block: 'center'})", one(device, test_id))
    one(device, test_id).click()


def widgets(device: Device) -> list[WebElement]:
    return device.driver.find_elements(By.CSS_SELECTOR, '[data-testid="widget"]')


def wait_for(device: Device, state: str) -> None:
    device.wait(f"document.querySelector('[data-testid=sync-state]').dataset.state === '{state}'", f"sync state {state}")


class DemoTest(BrowserTest):
    def _enter(self, device: Device, user: str = "alice", query: str = "") -> None:
        device.open(f"/{query}", ready="'ready' in document.body.dataset")
        if device.run("return document.getElementById('app').hidden"):
            click(device, f"sign-in-{user}")
        device.wait("!document.getElementById('app').hidden && window.dashboardStore?.lastSyncedAt")
        wait_for(device, "synced")

    def _rename(self, device: Device, number: int, title: str) -> None:
        field = widgets(device)[number].find_element(By.CSS_SELECTOR, "[data-testid=widget-title]")
        field.click()
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(title, Keys.ENTER)

    def _title(self, device: Device, number: int) -> str:
        field = widgets(device)[number].find_element(By.CSS_SELECTOR, "[data-testid=widget-title]")
        return field.get_property("value")

    def _go_offline(self, device: Device) -> None:
        click(device, "offline-switch")
        device.wait("document.cookie.includes('sample_offline')")

    def _go_online(self, device: Device) -> None:
        click(device, "offline-switch")
        device.wait("!document.cookie.includes('sample_offline')")
        wait_for(device, "synced")

    def _as_phone(self, device: Device, width: int) -> None:
        metrics = {"width": width, "height": 740, "deviceScaleFactor": 2, "mobile": True}
        device.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
