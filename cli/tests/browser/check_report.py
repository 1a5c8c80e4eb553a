#!/usr/bin/env python3
"""Opens a report in headless Chromium and checks what a reader would see.

usage: check_report.py REPORT.html KIND...

KIND is a kind of mark that must be drawn: grow, ask, answer, refuse, pinned, unpinned, recycle, shrink.
Needs selenium (PyPI) and Debian's chromium and chromium-driver. Prints "N passed, N failed, 0 skipped"; exits 1 when
a check failed, 2 when the report or the browser is missing.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

# Widths of a wide screen, two phones and A4 paper, in pixels of the page.
WIDE, PHONE, SMALL_PHONE, PAPER = 1200, 390, 360, 688
SMALLEST_LETTER = 11

# Elements that reach beyond the window's edge, other than inside a box that scrolls.
OVERFLOW = """
const scrolls = e => e && (/(auto|scroll)/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
const width = document.documentElement.clientWidth;
return [...document.body.querySelectorAll('*')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > width + 2 || box.left < -2) && !scrolls(e.parentElement);
}).slice(0, 5).map(e => `${e.tagName} ${e.getAttribute('class')} ${Math.round(e.getBoundingClientRect().right)}`);
"""

# Marks of a kind that have a size, a colour, and a place inside their picture.
DRAWN = """
return [...document.querySelectorAll('.mark-' + arguments[0])].filter(e => {
  const box = e.getBoundingClientRect(), frame = e.ownerSVGElement.getBoundingClientRect();
  const style = getComputedStyle(e);
  return box.width > 0 && box.height > 0 && style.visibility === 'visible' && style.fill !== 'none'
    && box.left >= frame.left - 3 && box.right <= frame.right + 3 && box.top >= frame.top && box.bottom <= frame.bottom;
}).length;
"""

SMALL_LETTERS = """
return [...document.querySelectorAll('svg text')].filter(e => {
  const scale = e.getScreenCTM().a, size = parseFloat(getComputedStyle(e).fontSize);
  return e.getBoundingClientRect().width > 0 && scale * size < arguments[0];
}).length;
"""

# Pairs of words of one scale or time axis that lie over each other.
COLLISIONS = """
let found = 0;
for (const picture of document.querySelectorAll('.plot > svg')) {
  const boxes = [...picture.querySelectorAll('text')].map(e => e.getBoundingClientRect()).filter(b => b.width > 0);
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
    if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom) found += 1;
  }));
}
return found;
"""

EMPTY_CURVES = """
return [...document.querySelectorAll('.plot path')].filter(e => /NaN|inf/.test(e.getAttribute('d'))).length;
"""

BRIGHTNESS = """
const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
return (r + g + b) / 3;
"""


class Checks:
    """Counts what passed and says what did not."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def expect(self, name, problem):
        """Passes when `problem` is nothing."""
        if problem:
            self.failed += 1
            print(f"FAILED {name}: {problem}")
        else:
            self.passed += 1


def start(profile):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def resize(driver, width):
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def emulate(driver, media="screen", scheme="light"):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def foreign_requests(driver, own):
    """Addresses asked for since the last call, other than the report's own."""
    messages = (json.loads(entry["message"])["message"] for entry in driver.get_log("performance"))
    addresses = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return own in addresses, [url for url in addresses if url != own and not url.startswith("data:")]


def check_layout(checks, driver, name):
    checks.expect(f"{name}: nothing reaches beyond the edge", driver.execute_script(OVERFLOW))
    wider = driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    checks.expect(f"{name}: the page does not scroll sideways", wider > 0 and f"{wider} px")
    checks.expect(f"{name}: letters can be read", driver.execute_script(SMALL_LETTERS, SMALLEST_LETTER))
    checks.expect(f"{name}: words do not collide", driver.execute_script(COLLISIONS))


def check(checks, driver, report, kinds):
    own = report.resolve().as_uri()
    driver.get("about:blank")
    driver.get_log("performance")
    emulate(driver)
    resize(driver, WIDE)
    driver.get(own)
    seen, foreign = foreign_requests(driver, own)
    checks.expect("the browser's log of requests works", not seen and "the report itself is not in it")
    checks.expect("no request but the report itself", foreign)
    checks.expect("there is a heading", not driver.execute_script("return document.querySelector('h1')?.innerText"))
    checks.expect("there are four pictures", driver.execute_script("return document.querySelectorAll('.plot').length") != 4)
    checks.expect("all curves have numbers", driver.execute_script(EMPTY_CURVES))
    for width in (WIDE, PHONE, SMALL_PHONE):
        resize(driver, width)
        check_layout(checks, driver, f"{width} px")
        for kind in kinds:
            drawn = driver.execute_script(DRAWN, kind)
            checks.expect(f"{width} px: marks of {kind} are drawn", drawn == 0 and "none is visible")
    resize(driver, WIDE)
    checks.expect("light is light", driver.execute_script(BRIGHTNESS) < 200)
    emulate(driver, scheme="dark")
    checks.expect("dark is dark", driver.execute_script(BRIGHTNESS) > 80)
    emulate(driver, media="print", scheme="dark")
    resize(driver, PAPER)
    checks.expect("paper is light, whatever the screen is", driver.execute_script(BRIGHTNESS) < 200)
    check_layout(checks, driver, "paper")
    _, foreign = foreign_requests(driver, own)
    checks.expect("no request later either", foreign)
    spoken = [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    checks.expect("no script error, nothing on the console", spoken)


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    report, kinds = Path(sys.argv[1]), sys.argv[2:]
    if not report.is_file():
        print(f"{report} is not a file; run replay with --report first", file=sys.stderr)
        return 2
    missing = [program for program in ("chromium", "chromedriver") if not shutil.which(program)]
    if missing:
        print(f"{', '.join(missing)} missing; tests/run browser installs them", file=sys.stderr)
        return 2
    checks = Checks()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = start(profile)
        try:
            check(checks, driver, report, kinds)
        finally:
            driver.quit()
    print(f"{checks.passed} passed, {checks.failed} failed, 0 skipped")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
