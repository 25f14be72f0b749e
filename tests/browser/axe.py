"""What axe finds to be wrong with a page, light and dark."""

from typing import Any, Literal

from playwright.async_api import Page
from visiting import AXE_SCRIPT

# What axe is asked: our pages have no frames, and it needs to load nothing.
_JUDGED = {"resultTypes": ["violations"], "preload": False, "iframes": False}
# What else in each theme: only contrast depends on it.
_THEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"dark": {}, "light": {"runOnly": ["color-contrast"]}}


async def axe(page: Page) -> list[str]:
    """In the dark all that it knows, in the light what a theme could change."""
    wrong = []
    await page.evaluate(AXE_SCRIPT)  # since our pages let no script in that is added to them
    for theme, how in _THEMES.items():
        await page.emulate_media(color_scheme=theme)
        found = await page.evaluate("how => axe.run(document, how)", {**_JUDGED, **how})
        wrong += [
            f"{theme}: {one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})" for one in found["violations"]
        ]
    return wrong
