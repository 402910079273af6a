"""The tables of docs/verifier.md and docs/verifier.zh-CN.md: what the program says of a source.

`python -m tests.verdicts` writes both anew; where a sentence has no translation, the page keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mirrorcfg.verifier import CODES
from tests.sentences import ROOT, catalog

ENGLISH = ROOT / "docs/verifier.md"
CHINESE = ROOT / "docs/verifier.zh-CN.md"
_ROW = re.compile(r"^\| `([\w-]+)` \| (\w+) \| (.*) \| (.*) \|$", re.MULTILINE)


def rows(page: str) -> dict[str, tuple[str, str, str]]:
    """What a page has of each code: kind, sentence, hint."""
    return {name: (kind, sentence, hint) for name, kind, sentence, hint in _ROW.findall(page)}


def english() -> str:
    """The rows of the English page."""
    return _drawn(lambda name, text, which: text)


def chinese(page: str) -> str:
    """The rows of the Chinese page, out of the catalog and of the page as it is."""
    known = {message.id: message.string for message in catalog() if message.id and message.string}
    there = rows(page)
    return _drawn(lambda name, text, which: known.get(text) or there.get(name, ("", "", ""))[which])


def _drawn(said: Callable[[str, str, int], str]) -> str:
    return "".join(
        f"| `{name}` | {code.kind} | {said(name, code.sentence, 1)} | {said(name, code.hint or '', 2)} |\n"
        for name, code in CODES.items()
    )


def renewed(page: str, drawn: str) -> str:
    """The page with these rows, which are its last lines."""
    return page[: page.index("| `ok`")] + drawn


def main() -> None:
    """The command line."""
    ENGLISH.write_text(renewed(ENGLISH.read_text(), english()))
    CHINESE.write_text(renewed(CHINESE.read_text(), chinese(CHINESE.read_text())))


if __name__ == "__main__":
    main()
