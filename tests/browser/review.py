"""A reviewer who looks at a state of a page: axe, sideways scrolling, and the size of what is pressed."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.hand import PHONE, TABLET

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = {"width": 320, "height": 640}  # CSS pixels, as at 400% zoom of 1280
RESIDENTS, OFFICERS = (24, 24), (0, 44)  # least width and height of what is pressed, in CSS pixels

# What is pressed, with its label where it has one; a link in a sentence is as high as its line, and may be.
TARGETS = """([leastWidth, leastHeight]) => {
  const box = (e) => e.getBoundingClientRect();
  const inSentence = (e) => {
    if (e.tagName !== "A" || getComputedStyle(e).display !== "inline") return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    return block.innerText.trim().length > e.innerText.trim().length;
  };
  const found = [];
  for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    const own = box(e);
    if (e.type === "hidden" || own.width <= 1 || !e.checkVisibility() || inSentence(e)) continue;
    const boxes = [own, ...(["checkbox", "radio"].includes(e.type) ? [...e.labels].map(box) : [])];
    const width = Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left));
    const height = Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top));
    if (width < leastWidth || height < leastHeight)
      found.push(`${e.innerText || e.name}: ${Math.round(width)} x ${Math.round(height)}`);
  }
  return found;
}"""
AXE = "async (options) => (await axe.run(document, options)).violations"


class Reviewer:
    """Looks, and keeps what is wrong; `least` is the width and height of the smallest target allowed."""

    def __init__(self, page: Page, least: tuple[int, int]):
        self.page, self.least, self.axe = page, least, Axe().axe_script
        self.wrong: list[str] = []

    def look(self, title: str, rules: list[str] = WCAG + ["best-practice"]) -> None:
        """At the page that has this title by now: at both sizes, and at 320 pixels."""
        expect(self.page).to_have_title(re.compile(f"^{re.escape(title)}"))
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(self.axe)
        for size in (PHONE, TABLET):
            self.page.set_viewport_size(size)
            # The emails in frames are reviewed as pages of their own.
            violations = self.page.evaluate(AXE, {"resultTypes": ["violations"], "runOnly": rules, "iframes": False})
            self._note(title, [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations])
            self._note(title, self.page.evaluate(TARGETS, self.least))
        self.page.set_viewport_size(NARROW)
        width = self.page.evaluate("() => document.documentElement.scrollWidth")
        self._note(title, [f"scrolls sideways: {width}"] if width > NARROW["width"] else [])
        self.page.set_viewport_size(PHONE)

    def _note(self, title: str, troubles: list[str]) -> None:
        where = f"{title} ({self.page.viewport_size['width']})"
        self.wrong += [f"{where}: {trouble}" for trouble in troubles]
