"""What README.md says, pasted."""

import re

import device
from device import BrowserTest
from programs import TOP


class Readme(BrowserTest):
    def test_the_example_works_as_it_stands(self) -> None:
        [example] = re.findall(r"```js\n(.*?)```", (TOP / "README.md").read_text(), re.DOTALL)
        self.assertLessEqual(len(example.strip().splitlines()), 10)
        (device.service.web_root / "test/readme.js").write_text(example + "\nwindow.store = store;\n")
        page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="readme.js"></script>'
        (device.service.web_root / "test/readme.html").write_text(page)
        self.device.sign_in()
        for number in (1, 2):
            self.device.open("/test/readme.html", ready="window.store")
            self.device.wait(f"store.getState().widgets.length === {number}")
            self.device.wait_synced()
        self.assertEqual([w["kind"] for w in self.stored()["widgets"]], ["clock", "clock"])
        self.other.start()
        self.assertEqual(len(self.other.state["widgets"]), 2)
