"""Managed keys of two texts compared and taken back, whatever the format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, Format, KeyPath
from mirrorcfg.formats.merge import merge
from mirrorcfg.formats.proof import lookup, same_spelling


def differing(fmt: Format, a: str, b: str, paths: Iterable[KeyPath]) -> tuple[KeyPath, ...]:
    """Those of `paths` that aren't spelt the same, or don't mean the same, in both texts."""
    old, new = fmt.read(a), fmt.read(b)
    return tuple(
        path
        for path in paths
        if not same_spelling(fmt.raw(a, path), fmt.raw(b, path)) or lookup(old, path) != lookup(new, path)
    )


def revert(fmt: Format, text: str, left: str, target: str, paths: Iterable[KeyPath]) -> str:
    """`text` with those of `paths` that differ between `left` and `target` as they are in `target`.

    The inverse of an edit, if there is one: a text that differs from `text` only in what editing these
    keys changes, with the old lines in their old places, comments included. With nothing edited since
    (`text` is `left`) that is `target`, byte for byte. Else the keys are set, spelt as in `target` where
    that fits and by value where it doesn't.
    """
    todo = differing(fmt, left, target, paths)
    if not todo:
        return text
    first = target if text == left else merge(left, target, text)
    if first is not None and _leads_to(fmt, first, text, target, todo):
        return first
    try:
        return fmt.edit(text, _spellings(fmt, target, todo))
    except FormatError:
        return fmt.edit(text, _values(fmt, target, todo))


def _leads_to(fmt: Format, first: str, text: str, target: str, paths: tuple[KeyPath, ...]) -> bool:
    """Whether `text` is what comes out if the keys of `first` are edited, and they are `target`'s."""
    try:
        if differing(fmt, first, target, paths):
            return False
    except FormatError:
        return False
    return any(_edited(fmt, first, paths, text, how) == text for how in (_values, _spellings))


def _edited(
    fmt: Format,
    first: str,
    paths: tuple[KeyPath, ...],
    text: str,
    how: Callable[[Format, str, tuple[KeyPath, ...]], Changes],
) -> str | None:
    try:
        return fmt.edit(first, how(fmt, text, paths))
    except FormatError:
        return None


def _spellings(fmt: Format, text: str, paths: tuple[KeyPath, ...]) -> Changes:
    return {path: fmt.raw(text, path) for path in paths}


def _values(fmt: Format, text: str, paths: tuple[KeyPath, ...]) -> Changes:
    data: dict[str, Any] = fmt.read(text)
    return {path: lookup(data, path) for path in paths}
