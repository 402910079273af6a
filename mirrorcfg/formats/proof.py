"""The check that every edit ends with: what is read back is the old data with the asked-for change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, Entry, KeyPath, Leaf, Raw
from mirrorcfg.formats.text import with_newlines
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import cut

Read = Callable[[str], dict[str, Any]]
Spelling = Callable[[str, KeyPath], Raw | None]
Same = Callable[[Any, Leaf], bool]


def same(value: Any, wanted: Any) -> bool:
    """Equal, and of one type: 1 is not true."""
    if isinstance(wanted, str | bool) or wanted is None:
        return type(value) is type(wanted) and bool(value == wanted)
    if isinstance(wanted, dict):
        return (
            isinstance(value, dict)
            and value.keys() == wanted.keys()
            and all(same(value[key], item) for key, item in wanted.items())
        )
    if isinstance(wanted, list | tuple):
        return isinstance(value, list | tuple) and len(value) == len(wanted) and all(map(same, value, wanted))
    return type(value) is type(wanted) and bool(value == wanted)


def lookup(data: Any, path: KeyPath) -> Any:
    """The value at `path` of what a format read; None where there is none."""
    for step in path:
        if isinstance(step, Entry):
            data = next((item for item in _tables(data) if same(item.get(step.key), step.value)), None)
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def named(path: KeyPath) -> str:
    """`path` as a user would write it."""
    return ".".join(
        f"[{step.key} = {cut(str(step.value))}]" if isinstance(step, Entry) else cut(step) for step in path
    )


def same_spelling(one: Raw | None, other: Raw | None) -> bool:
    """Spelt alike, whatever newline the two files have."""
    if one is None or other is None:
        return one is other
    return with_newlines(one.text, "\n") == with_newlines(other.text, "\n")


def pending(read: Read, raw: Spelling, text: str, changes: Changes, same: Same = same) -> Changes:
    """Those of `changes` that aren't so in `text` yet; deletions last, so that their style can be seen."""
    data = read(text)
    todo = [
        (path, wanted) for path, wanted in changes.items() if not _is_so(data, path, wanted, raw, text, same)
    ]
    return dict(sorted(todo, key=lambda each: each[1] is None))


def has(data: Any, path: KeyPath) -> bool:
    """Whether `path` has a value, be it null."""
    parent, step = lookup(data, path[:-1]), path[-1]
    return lookup(parent, (step,)) is not None or (isinstance(parent, dict) and step in parent)


def prove(read: Read, raw: Spelling, before: str, after: str, changes: Changes, same: Same = same) -> str:
    """`after`, if it reads as `before` with exactly `changes` made.

    A map that `changes` emptied, or that they made, may be there or not: only a deleted or a new entry
    tells. Raises FormatError `edit-not-proven`.
    """
    try:
        old, new = read(before), read(after)
        doubtful = [
            path for path, wanted in changes.items() if not _is_so(new, path, wanted, raw, after, same)
        ]
    except FormatError as failed:
        why = sentence("the result could not be read: {why}", why=failed.what)
        raise unproven(why, _named(changes)) from failed
    if doubtful:
        raise unproven(sentence("the new value would not read back"), _named(doubtful))
    for path in changes:
        old, new = without(old, path), without(new, path)
    if old != new:
        raise unproven(sentence("another setting would change with it"), _named(changes))
    return after


def unproven(why: str, key: str) -> FormatError:
    """The error for an edit that was thrown away, about that key."""
    what = sentence("this change can't be made safely: {why}", why=why)
    return FormatError("edit-not-proven", what, key=key, hint="change the file by hand, it is left as it was")


def without(data: Any, path: KeyPath) -> Any:
    """`data` less the value at `path`, and less the parents that are empty then; `data` itself stays."""
    step, rest = path[0], path[1:]
    if isinstance(step, Entry):
        found = lookup(data, (step,))
        if found is None:
            return data
        kept = without(found, rest) if rest else None
        swapped = [kept if item is found else item for item in data]
        return [item for item in swapped if item is not None and not same(item, {step.key: step.value})]
    if not isinstance(data, dict) or step not in data:
        return data
    kept = without(data[step], rest) if rest else None
    if kept is None or kept in ({}, []):
        return {key: item for key, item in data.items() if key != step}
    return {**data, step: kept}


def _tables(data: Any) -> list[dict[str, Any]]:
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _is_so(data: Any, path: KeyPath, wanted: Leaf | Raw | None, raw: Spelling, text: str, same: Same) -> bool:
    if wanted is None:
        return not has(data, path)
    if isinstance(wanted, Raw):
        return same_spelling(raw(text, path), wanted)
    return same(lookup(data, path), wanted)


def _named(paths: Iterable[KeyPath]) -> str:
    return ", ".join(named(path) for path in paths)
