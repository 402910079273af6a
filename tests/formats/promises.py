"""The promises of design.md's "Formats", as checks that hold for any format and any text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import event
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, Format, Raw, keys
from mirrorcfg.formats.proof import has, lookup

NEWLINES = st.sampled_from(["\n", "\r\n"])
WORDS = st.text("abcXYZ019-_ÄöÜ中文镜像🙂", min_size=1, max_size=8)
COMMENTS = st.lists(
    st.sampled_from(
        ["#", "# note", "# 清华源", "#!final", "#  - https://old.example/simple", "# key: value", "# [x]"]
    ),
    max_size=2,
)
URLS = st.sampled_from(
    [
        "https://mirror.example/simple",
        "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud",
        "https://mirror.nju.edu.cn/pypi/web/simple",
        "https://user:p%40ss@mirror.example:8443/a/b?c=d",
        "https://${USER}:${TOKEN}@mirror.example/simple/",
        "http://10.0.0.1:5000",
        "https://mirror.example/~me/x_y-z",
    ]
)
LISTS = st.lists(URLS, max_size=4, unique=True)


@dataclass(frozen=True)
class Piece:
    """A stretch of a generated file; `key` names the managed key it is about, if any."""

    text: str
    key: str | None = None


@dataclass(frozen=True)
class File:
    """A generated file with its line endings, its byte order mark, or without its last newline."""

    pieces: tuple[Piece, ...]
    newline: str = "\n"
    bom: bool = False
    open_end: bool = False

    @property
    def text(self) -> str:
        text = "".join(piece.text for piece in self.pieces)
        text = text.removesuffix("\n") if self.open_end else text
        return "\ufeff" * self.bom + text.replace("\n", self.newline)

    def others(self, changed: Iterable[str]) -> list[str]:
        """The lines that no change may touch."""
        kept = [piece.text for piece in self.pieces if piece.key not in changed]
        return [line for text in kept for line in text.splitlines() if line.strip()]


def files(pieces: st.SearchStrategy[list[Piece]], bom: bool = True) -> st.SearchStrategy[File]:
    return st.builds(
        File, pieces.map(tuple), NEWLINES, st.booleans() if bom else st.just(False), st.booleans()
    )


def outcome(fmt: Format, text: str, changes: Changes) -> str | None:
    """The edited text; None where the format refuses, which it must say the place or the key of."""
    try:
        return fmt.edit(text, changes)
    except FormatError as failed:
        refused = failed
    event(f"refused: {refused.code}")
    assert refused.line or refused.key
    return None


def hold(
    fmt: Format, text: str, changes: Changes, oracle: Callable[[str], Any], same: Callable[[Any, Any], bool]
) -> str | None:
    """Promises 2 and 3, and what of 1 and 5 can be seen from outside. Gives the edited text."""
    after = outcome(fmt, text, changes)
    if after is None:
        return None
    event("edited" if after != text else "unchanged")
    assert fmt.edit(after, changes) == after
    assert keys.revert(fmt, after, after, text, list(changes)) == text
    old, new = oracle(text), oracle(after)
    for path, wanted in changes.items():
        if wanted is None:
            assert not has(new, path)
        elif isinstance(wanted, Raw):
            assert fmt.raw(after, path) is not None
        else:
            assert same(lookup(new, path), wanted)
    for path in changes:
        drop(old, path)
        drop(new, path)
    assert old == new
    assert after.startswith("\ufeff") == text.startswith("\ufeff")
    if text.removeprefix("\ufeff") and after.removeprefix("\ufeff"):
        same_end(text, after)
    breaks = set(re.findall(r"\r\n|\n|\r", text))
    if len(breaks) == 1:
        assert set(re.findall(r"\r\n|\n|\r", after)) <= breaks
    return after


def drop(data: Any, path: tuple[Any, ...]) -> None:
    """Takes the value away, and parents that hold nothing; written apart from the code that is tested."""
    parents = [lookup(data, path[:depth]) for depth in range(len(path))]
    if isinstance(parents[-1], dict):
        parents[-1].pop(path[-1], None)
    for depth in range(len(path) - 1, 0, -1):
        holder = parents[depth - 1]
        if isinstance(holder, dict) and holder.get(path[depth - 1], 0) in (None, {}, []):
            del holder[path[depth - 1]]


def in_order(lines: list[str], text: str) -> bool:
    """Whether all `lines` are in `text`, whole and in their order."""
    rows = iter(re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")))
    return all(line in rows for line in lines)


def same_end(text: str, after: str) -> None:
    """The last newline is there if it was; without one, only an empty line may have been left at the end."""
    if text.endswith(("\n", "\r")):
        assert after.endswith(("\n", "\r"))
    elif after.endswith(("\n", "\r")):
        assert re.search(r"(\r\n|\n|\r)[ \t]*(\r\n|\n|\r)", text)
