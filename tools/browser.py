"""Chromium or Chrome without a window, as the system has it. Nothing is downloaded."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
MISSING = "there is no chromium: apt-get install chromium"
WIDTH, HEIGHT = 1100, 760


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run Chromium until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


def new_page(browser: Browser) -> Page:
    """Open a page that shares nothing with other pages."""
    return browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
