"""Managed keys of two texts compared and taken back, whatever the format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, Format, KeyPath
from mirrorcfg.formats.merge import merge
from mirrorcfg.formats.proof import lookup, same_spelling, without


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

    Where `left` is an edit of `target` (or `text` is one of what comes out), that edit is taken back as
    it was made: the old lines stand in their old places again, comments included, and with nothing edited
    since (`text` is `left`) the result is `target`, byte for byte. Else the keys are set, spelt as in
    `target` where that fits and by value where it doesn't. What means the same in `text` already, as somebody
    laid it out anew, stays as it is.
    """
    todo = differing(fmt, left, target, paths)
    if not todo or _laid_out_anew(fmt, text, left, target, todo):
        return text
    first = merge(left, target, text)
    if first is not None and _is_inverse(fmt, first, text, left, target, todo):
        return first
    try:
        return fmt.edit(text, _spellings(fmt, target, todo))
    except FormatError:
        return fmt.edit(text, _values(fmt, target, todo))


def changed(fmt: Format, a: str, b: str, paths: Iterable[KeyPath]) -> tuple[KeyPath, ...]:
    """Those of `paths` that don't mean the same in both texts, however they are spelt."""
    old, new = fmt.read(a), fmt.read(b)
    return tuple(path for path in paths if lookup(old, path) != lookup(new, path))


def _laid_out_anew(fmt: Format, text: str, left: str, target: str, paths: tuple[KeyPath, ...]) -> bool:
    if changed(fmt, text, target, paths):
        return False
    return all(not same_spelling(fmt.raw(text, path), fmt.raw(left, path)) for path in paths)


def _is_inverse(
    fmt: Format, first: str, text: str, left: str, target: str, paths: tuple[KeyPath, ...]
) -> bool:
    """Whether `first` has `target`'s keys, and but for them says what `text` says, comments included."""
    try:
        if differing(fmt, first, target, paths) or _rest(fmt, first, paths) != _rest(fmt, text, paths):
            return False
    except FormatError:
        return False
    return _leads_to(fmt, target, left, paths) or _leads_to(fmt, first, text, paths)


def _rest(fmt: Format, text: str, paths: tuple[KeyPath, ...]) -> Any:
    data: Any = fmt.read(text)
    for path in paths:
        data = without(data, path)
    return data


def _leads_to(fmt: Format, first: str, second: str, paths: tuple[KeyPath, ...]) -> bool:
    """Whether editing `paths` of `first` gives `second`."""
    return any(_edited(fmt, first, paths, second, how) == second for how in (_values, _spellings, _lists))


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


def _lists(fmt: Format, text: str, paths: tuple[KeyPath, ...]) -> Changes:
    """As `_values`, for a format whose reader knows no lists: pip's are strings."""
    return {
        path: value.split() if isinstance(value, str) else value
        for path, value in _values(fmt, text, paths).items()
    }
