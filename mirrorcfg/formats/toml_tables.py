"""Tables of one family (`[host."…"]`) in a TOML text: each with its header and what is below it, in order.

`toml.edit` changes keys within a table; here whole tables come, go and change places.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import toml
from mirrorcfg.formats.merge import merge
from mirrorcfg.formats.proof import unproven
from mirrorcfg.formats.text import newline
from mirrorcfg.formats.toml_scan import tables
from mirrorcfg.sentence import sentence


def blocks(text: str, family: str) -> dict[str, str]:
    """Each table's text, by its name. Raises FormatError where one is written otherwise."""
    return {name: text[start:end] for name, (start, end) in _spans(text, family).items()}


def put(text: str, family: str, wanted: Mapping[str, str]) -> str:
    """`text` with these tables, in this order, as the whole family: where it stood, else at the end."""
    spans = _spans(text, family)
    if [(name, text[start:end]) for name, (start, end) in spans.items()] == list(wanted.items()):
        return text
    style = newline(text)
    at = min((start for start, _ in spans.values()), default=len(text))
    before, after = text[:at], text[at:]
    for start, end in sorted(spans.values(), reverse=True):
        rest = after[end - at :]
        after = after[: start - at] + (rest.lstrip("\r\n") if rest[:1] in "\r\n" else rest)
    parts = [block if block.endswith("\n") else block + style for block in wanted.values()]
    new = style.join(parts)
    if new and before and not before.endswith("\n"):
        before += style
    if new and before.strip() and not before.endswith((f"{style}{style}", f"\n{style}")):
        new = style + new
    if new and after.strip() and not after.startswith(("\r", "\n")):
        new += style
    return _proven(text, before + new + after, family, wanted)


def revert(text: str, left: str, target: str, family: str) -> str:
    """`text` with the family as `target` has it, if it differs between `left` and `target`.

    What already means the same in `text`, and was laid out anew by somebody, stays as it is.
    """
    old, meant = blocks(target, family), toml.read(target).get(family, {})
    if list(blocks(left, family).items()) == list(old.items()):
        return text
    if _means(text, family, meant) and not _means(left, family, meant):
        return text
    merged = merge(left, target, text)
    if merged is not None and _reads(merged, text, family, meant):
        return merged
    return put(text, family, old)


def _spans(text: str, family: str) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    last = None
    toml.read(text)
    for table in tables(text):
        whole = bool(table.address) and table.address[0] == family
        if not whole and any((*table.address, *pair.key)[0] == family for pair in table.pairs):
            raise _otherwise(family)
        name = str(table.address[1]) if whole and len(table.address) > 1 else None
        if (whole and name is None and table.pairs) or (name in found and name != last):
            raise _otherwise(family)
        if name is not None:
            start = found[name][0] if name in found else text.rfind("\n", 0, table.start) + 1
            end = text.find("\n", table.last)
            found[name] = start, len(text) if end < 0 else end + 1
        last = name
    return found


def _otherwise(family: str) -> FormatError:
    return FormatError(
        "scattered-table",
        "these tables aren't each written as a table of its own, in one place",
        key=family,
        hint=sentence('write each of them below a header: [{family}."NAME"]', family=family),
    )


def _proven(before: str, after: str, family: str, wanted: Mapping[str, str]) -> str:
    meant: dict[str, Any] = {}
    for block in wanted.values():
        meant |= toml.read(block).get(family, {})
    if _reads(after, before, family, meant):
        return after
    raise unproven(sentence("another setting would change with it"), family)


def _reads(after: str, before: str, family: str, meant: Mapping[str, Any]) -> bool:
    """Whether `after` says what `before` says, but for the family, which is `meant`, in that order."""
    try:
        new, old = toml.read(after), toml.read(before)
    except FormatError:
        return False
    new.pop(family, None)
    old.pop(family, None)
    return new == old and _means(after, family, meant)


def _means(text: str, family: str, meant: Mapping[str, Any]) -> bool:
    """Is the family these tables, in their order?"""
    found = toml.read(text).get(family, {})
    return bool(found == meant and list(found) == list(meant))
