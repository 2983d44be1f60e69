"""A real Chromium through the plain W3C WebDriver protocol: only what the browser tests use."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

from demo.loopback_server import kept_port
from tests.support.set_clock import without_set_clock

WINDOW = {"height": 900, "deviceScaleFactor": 1.0, "mobile": True}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE_SECONDS = 120.0
NOT_YET = {
    "no such element",
    "element not interactable",
    "element click intercepted",
    "stale element reference",
}
"""Refusals of the driver that a script of the page may be about to lift."""
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing_programs() -> list[str]:
    """Return the programs the browser tests need and this machine lacks."""
    driver = [] if shutil.which("chromedriver") else ["chromedriver"]
    return driver if browser_program() else ["chromium", *driver]


def browser_program() -> str | None:
    """Return the path of Chromium, whatever the distribution calls it."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


class RefusedError(Exception):
    """The driver did not do what it was asked for; ``kind`` is W3C WebDriver's word for why."""

    def __init__(self, path: str, value: Mapping[str, Any]) -> None:
        super().__init__(f"{path}: {value.get('message')}")
        self.kind = value.get("error")


class Chromium:
    """One browser window; a context manager that ends driver and browser."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._driver: subprocess.Popen[bytes] | None = None
        self._base = ""
        self._http = requests.Session()

    def __enter__(self) -> Chromium:
        try:
            self._start_driver()
            wishes = {"capabilities": {"alwaysMatch": self._wishes()}}
            session = self._call("POST", "/session", wishes)
        except BaseException:
            self._end()
            raise
        self._base += f"/session/{session['sessionId']}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._http.delete(self._base, timeout=PATIENCE_SECONDS)
        finally:
            self._end()

    def _start_driver(self) -> None:
        with kept_port() as port:
            self._driver = subprocess.Popen(
                ["chromedriver", f"--port={port}"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                # Chromium does not start under libfaketime.
                env=without_set_clock(),
            )
            self._base = f"http://127.0.0.1:{port}"
            self._wait_for_driver()

    def _end(self) -> None:
        self._http.close()
        if self._driver is None:
            return
        os.killpg(self._driver.pid, signal.SIGKILL)
        self._driver.wait(PATIENCE_SECONDS)

    def renew(self, *, width: int = 1200) -> None:
        """Make the window as if new: nothing stored, blocked or logged, and that wide."""
        self.open("about:blank")
        for command, parameters in (
            ("Network.enable", {}),
            ("Network.setBlockedURLs", {"urls": []}),
            ("Network.clearBrowserCookies", {}),
            ("Network.clearBrowserCache", {}),
            ("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"}),
            ("Emulation.setDeviceMetricsOverride", {"width": width, **WINDOW}),
        ):
            self._tell(command, parameters)
        self.complaints()

    def open(self, address: str) -> None:
        """Go to an address and wait until the page has loaded."""
        self._call("POST", "/url", {"url": address})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page and return its value."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def type(self, selector: str, text: str) -> None:
        """Type into a field; for a file field, the paths to choose, one a line."""
        self._call("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def choose(self, selector: str, paths: Iterable[Path]) -> None:
        """Choose files in a field, thousands as fast as one."""
        found = self._tell(
            "Runtime.evaluate", {"expression": f"document.querySelector({selector!r})"}
        )
        files = [str(path) for path in paths]
        which = {"objectId": found["result"]["objectId"]}
        self._tell("DOM.setFileInputFiles", {"files": files, **which})

    def drop(self, selector: str, *paths: Path) -> None:
        """Drop files and folders onto the middle of an element."""
        script = (
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return {x: box.x + box.width / 2, y: box.y + box.height / 2}"
        )
        place = self.run(script, selector)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self._tell("Input.dispatchDragEvent", {"type": kind, "data": data, **place})

    def click(self, selector: str) -> None:
        """Click an element, as soon as it can be clicked.

        A script may still be about to show it, to enable it, or to take away what lies over it.
        """
        self.wait_until("return document.querySelector(arguments[0])?.disabled !== true", selector)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._call("POST", f"/element/{self._find(selector)}/click", {})
            except RefusedError as refused:
                if refused.kind not in NOT_YET or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def text(self, selector: str = "body") -> str:
        """Return the text a person sees in an element, nothing while there is no such element."""
        # What is hidden has its whole text as innerText.
        script = (
            "const found = document.querySelector(arguments[0]);"
            "return found?.checkVisibility() ? found.innerText : ''"
        )
        shown: str = self.run(script, selector)
        return shown

    def wait_for(self, words: str, selector: str = "body") -> str:
        """Wait until the text of an element contains the words, and return the text."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in (text := self.text(selector)):
            assert time.monotonic() < deadline, f"{words!r} did not appear; the page says:\n{text}"
            time.sleep(0.1)
        return text

    def wait_until(self, script: str, *arguments: Any) -> None:
        """Wait until JavaScript in the page returns something true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.run(script, *arguments):
            assert time.monotonic() < deadline, f"it did not become true: {script}"
            time.sleep(0.05)

    def picture(self, width: int, tallest: int) -> bytes:
        """Return a PNG of the whole page, as far as it is not higher than that; in pixels."""
        height = int(self.run("return document.documentElement.scrollHeight"))
        size = {**WINDOW, "width": width, "height": min(height, tallest)}
        self._tell("Emulation.setDeviceMetricsOverride", size)
        self.run("return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 150)))")
        picture = base64.b64decode(self._call("GET", "/screenshot"))
        self._tell("Emulation.setDeviceMetricsOverride", {**WINDOW, "width": width})
        return picture

    def complaints(self) -> list[str]:
        """Return what the console logged since the last call, as errors or warnings."""
        entries = self._call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def block(self, pattern: str) -> None:
        """Let nothing load whose address matches the pattern, as if the server did not send it."""
        self._tell("Network.enable", {})
        self._tell("Network.setBlockedURLs", {"urls": [pattern]})

    def use_scripts(self, are_on: bool) -> None:
        """Let pages run their scripts, or not, as a reader can choose."""
        self._tell("Emulation.setScriptExecutionDisabled", {"value": not are_on})

    def _tell(self, command: str, parameters: Mapping[str, Any]) -> Any:
        """Send a command of the DevTools protocol and return its answer."""
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _find(self, selector: str) -> str:
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        identifier: str = found[ELEMENT]
        return identifier

    def _wishes(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "binary": browser_program(),
            "args": [*ARGUMENTS, f"--user-data-dir={self._profile}"],
        }
        return {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }

    def _wait_for_driver(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if self._call("GET", "/status")["ready"]:
                    return
            except requests.ConnectionError:
                assert time.monotonic() < deadline, "chromedriver did not start"
            time.sleep(0.05)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, self._base + path, json=body, timeout=PATIENCE_SECONDS)
        value = answer.json()["value"]
        if not answer.ok:
            raise RefusedError(path, value)
        return value
