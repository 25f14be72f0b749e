"""What is wrong with a page in whatever language, theme and width, as far as that can be told without looking."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

# Sideways scrolling; words that leave their place, or are cut there; headings and buttons that say nothing; keys of
# clauses, penalties or messages where their title should stand. What scrolls by itself, and what is for ears, may.
_FAULTS = r"""() => {
  const found = [], root = document.documentElement;
  const told = (what, one) => found.push(`${what}: <${one.localName} class="${one.className}"> ${one.textContent.trim().slice(0, 60)}`);
  if (root.scrollWidth > root.clientWidth) found.push(`wider by ${root.scrollWidth - root.clientWidth} px`);
  const key = /(^|[\s“"(])[a-z]+(_[a-z]+)*\.[a-z]+([._][a-z]+)*(?=$|[\s”",;:)])/;
  for (const one of document.body.querySelectorAll("*:not(svg *, option, .hidden, .skip, .excerpt)")) {
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    if (one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 && !one.matches("input, textarea, select, video, ul.evidence *")) {
      const how = getComputedStyle(one).overflowX;
      if (how === "hidden" || how === "clip") told("cut", one);
      else if (how === "visible" && one.matches("h1, h2, h3, p, td, th, dd, dt, li, label, button, .button, .chip, .card, .segments, .row, nav, span, a")) told("leaves its place", one);
    }
    if (one.matches("h1, h2, h3, th, button, a, legend, caption, dt, summary") && !one.textContent.trim() && !one.ariaLabel) told("says nothing", one);
    if (one.matches("input, select, textarea") && ![...one.labels].some((label) => label.textContent.trim()) && !one.ariaLabel) told("has no name", one);
    if (one.matches("img") && !one.alt) told("shows nothing to ears", one);
    const own = [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(" ");
    if (key.test(own.trim()) && !one.closest("[translate=no], .words, textarea, code, dl.policy")) told("a key", one);
  }
  return found;
}"""


async def faults(page: "Page") -> list[str]:
    """The faults of a page as it is shown now."""
    found: list[str] = await page.evaluate(_FAULTS)
    return found
