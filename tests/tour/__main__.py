"""Record the tour again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.tour.stage import stages
from tests.tour.stories import played

CAPTURES = Path(__file__).with_name("captures")
DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "screens.md", DOCS / "screens.zh-CN.md")
_SHOWN = re.compile(r"(<!-- tests/tour/captures/(\S+)\.txt -->\n```console\n)(?:.*\n)*?(```\n)")


def recorded() -> dict[str, str]:
    """The captures as they are now."""
    with stages() as homes, ThreadPoolExecutor(2) as pool:
        return {name: text for found in pool.map(played, homes) for name, text in found.items()}


def main() -> None:
    """Write them anew, and take away those that there are none of any more."""
    found = recorded()
    for path in CAPTURES.iterdir():
        if path.stem not in found:
            path.unlink()
    for name, text in found.items():
        (CAPTURES / f"{name}.txt").write_text(text)
    for each in PAGES:
        each.write_text(page(each, found))


def page(path: Path, found: Mapping[str, str]) -> str:
    """A page that shows them, with what is on it as it is now."""
    return _SHOWN.sub(lambda match: f"{match[1]}{found[match[2]]}{match[3]}", path.read_text())


if __name__ == "__main__":
    main()
