"""A real Chromium over a folder served on loopback; whatever it asks for and complains of is kept."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
CHROMEDRIVER = shutil.which("chromedriver")
PHONE = (390, 844)
DESKTOP = (1280, 900)


class _Quiet(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        # A test may change the page between two looks.
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the library
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; give its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Tab:
    """One page in one Chromium. `asked` and `said` grow as `look` is called."""

    driver: Chrome
    asked: list[str] = field(default_factory=list)
    """URLs of requests, those that came to nothing included."""
    said: list[str] = field(default_factory=list)
    """Errors and warnings on its console, broken security policies among them."""

    def open(self, url: str, *, size: tuple[int, int] = DESKTOP, dark: bool = False, script: bool = True) -> None:
        """Open a page in a window of `size`, as a device in the dark or without JavaScript would."""
        width, height = size
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.driver.get(url)
        self.look()

    def command(self, name: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)

    def look(self) -> None:
        """Take in what happened since the last look."""
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
        self.said += [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a function's body in the page, and return what it returns."""
        return self.driver.execute_script(script, *arguments)


@contextmanager
def chromium(profile: Path) -> Iterator[Tab]:
    """Give a Chromium without a window, and end it."""
    assert CHROMIUM
    assert CHROMEDRIVER
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    # As root, and in containers, it can't make its own sandbox; it sees the tests' pages alone.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.add_argument("--disable-background-networking")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    environment = {**os.environ, "NO_PROXY": "127.0.0.1,localhost"}
    driver = Chrome(options=options, service=Service(CHROMEDRIVER, env=environment))
    try:
        tab = Tab(driver)
        # The page that a new window shows is Chromium's own, and asks for many things.
        tab.open("about:blank")
        tab.asked.clear()
        yield tab
    finally:
        driver.quit()
