"""The reader's language: which it is, and a text in it.

English is what stands in the source, and costs nothing. Another language is a catalog in locale/, looked up
where a text is drawn and nowhere else: data, JSON and logs stay English.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from mirrorcfg.sentence import Sentence

VARIABLES = ("MIRRORCFG_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""What says it, the strongest first; one that is empty says nothing (POSIX, "Locale", section 8.2)."""

DOMAIN = "mirrorcfg"
CATALOGS = Path(__file__).parents[1] / "locale"
_TRADITIONAL = ("zh_tw", "zh_hk", "zh_mo", "zh_hant")


@cache
def language() -> str:
    """`en` or `zh`: what was asked for, if there is a catalog of it and the terminal has its letters."""
    asked = next((value for name in VARIABLES if (value := os.environ.get(name))), "")
    asked = asked.lower().replace("-", "_")
    known = asked.startswith("zh") and not asked.startswith(_TRADITIONAL)
    return "zh" if known and _can_write("镜像源") else "en"


def _(text: str) -> str:
    """`text` in the reader's language: a sentence with its facts, or a text that stands in the source."""
    translate = _catalog()
    if translate is None or not text:
        return text
    return text.into(translate) if isinstance(text, Sentence) else translate(text)


@cache
def _catalog() -> Callable[[str], str] | None:
    if language() == "en":
        return None
    import gettext

    found = gettext.translation(DOMAIN, CATALOGS, ["zh_CN"], fallback=True)
    return found.gettext


def _can_write(text: str) -> bool:
    try:
        text.encode(sys.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
