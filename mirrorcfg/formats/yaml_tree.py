"""Where keys and values stand in a YAML text, as ruamel.yaml, conda's own reader, finds them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import budget
from mirrorcfg.formats.text import refuse
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import cut

Node = Any  # ruamel's own types don't know what its nodes carry

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COLON = re.compile(r"\s*:")
_ALIAS = re.compile(r"\s*\*[^\s,\[\]{}]+")
_IDLE = re.compile(r"[ \t]*(#.*)?")
COMMENT = re.compile("(?<=[ \t\n\r\x85\u2028\u2029])#[^\n\r\x85\u2028\u2029]*")
_SKIPPED = re.compile(rf"(?:\s|{COMMENT.pattern})*")


class Tree(NamedTuple):
    """A text, the nodes in it, and the data that conda makes of it."""

    text: str
    root: Node | None
    data: dict[str, Any]
    known: dict[int, dict[str | None, tuple[Node, Node]]]  # of each mapping that was asked: its pairs by name

    def pair(self, node: Node | None, key: object) -> tuple[Node, Node] | None:
        """The key and the value of an entry of a mapping, if `node` is one and has it."""
        if id(node) not in self.known:
            self.known[id(node)] = {name(pair[0]): pair for pair in pairs(node)}
        return self.known[id(node)].get(str(key))

    def line_start(self, at: int) -> int:
        """Where the line of `at` starts."""
        start = at
        while start and not BREAK.match(self.text[start - 1]):
            start -= 1
        return start + (start == 0 and self.text.startswith("\ufeff"))

    def column(self, node: Node) -> int:
        """How deep a node stands; a byte order mark is no column."""
        at: int = node.start_mark.index
        return at - self.line_start(at)

    def line_after(self, at: int) -> int:
        """Where the line after that of `at` starts."""
        match = BREAK.search(self.text, at)
        return match.end() if match else len(self.text)

    def colon(self, key: Node) -> int:
        """Where the value of `key` may start: behind the colon."""
        match = _COLON.match(self.text, key.end_mark.index)
        return match.end() if match else key.end_mark.index

    def is_alias(self, value: Node, after: int) -> bool:
        """`*name`: the node stands elsewhere."""
        return not is_empty(value) and bool(
            value.start_mark.index < after or _ALIAS.match(self.text, self._skip(after))
        )

    def pair_end(self, key: Node, value: Node) -> int:
        """Where a value ends, comments behind it not included."""
        after = self.colon(key)
        if is_empty(value):
            return after
        if self.is_alias(value, after):
            match = _ALIAS.match(self.text, self._skip(after))
            return match.end() if match else after
        return self.end(value)

    def end(self, node: Node) -> int:
        """Where a node ends, comments behind it not included."""
        first, last = node.start_mark.index, node.end_mark.index
        if isinstance(node.value, str):
            return self._scalar_end(node)
        if node.flow_style or not node.value:
            return int(last)
        if node.id == "mapping":
            key, value = node.value[-1]
            inside = first <= key.start_mark.index < last
            return self.pair_end(key, value) if inside else self._without_comments(last)
        child = node.value[-1]
        inside = first < child.start_mark.index < last and not is_empty(child)
        return self.end(child) if inside else self._without_comments(last)

    def entry_end(self, key: Node, value: Node) -> int:
        """Where the line after a value starts."""
        end = self.pair_end(key, value)
        kept_breaks = end and BREAK.match(self.text[end - 1]) and end > key.end_mark.index
        return end if kept_breaks else self.line_after(end)

    def _scalar_end(self, node: Node) -> int:
        """A block scalar reaches over the blank lines behind it: they are its own only under `+`."""
        start, end = int(node.start_mark.index), int(node.end_mark.index)
        if node.style not in ("|", ">") or "+" in self.text[start : start + 3]:
            return end
        return start + len(self.text[start:end].rstrip("\r\n\x85\u2028\u2029\t "))

    def _without_comments(self, end: int) -> int:
        while (start := self.line_start(end - 1)) < end and _IDLE.fullmatch(self.text[start:end].strip()):
            end = start
        return start + len(self.text[start:end].rstrip())

    def _skip(self, at: int) -> int:
        """Past white space and comments."""
        match = _SKIPPED.match(self.text, at)
        return match.end() if match else at


def pairs(node: Node | None) -> list[tuple[Node, Node]]:
    """The keys and values of a mapping; nothing for other nodes."""
    return list(node.value) if node is not None and node.id == "mapping" else []


def name(key: Node) -> str | None:
    """The key, if it is a string."""
    return str(key.value) if key.tag == "tag:yaml.org,2002:str" else None


def is_empty(node: Node) -> bool:
    """A value that isn't written at all: conda reads null."""
    return bool(node.id == "scalar" and node.start_mark.index == node.end_mark.index)


@lru_cache(maxsize=4)
def parsed(text: str) -> Tree:
    """The tree of `text`; composing takes long, so the last few are kept."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    budget.yaml(text)
    loader = YAML(typ="safe", pure=True)
    try:
        root = loader.compose(text)
        if root is not None:
            budget.composed(text, root)
        data = None if root is None else loader.constructor.construct_document(root)
    except ReaderError as failed:
        what = sentence("U+{number:04X} isn't allowed in YAML", number=failed.character)
        raise refuse("parse-error", what, text, failed.position, "remove the character") from failed
    except DuplicateKeyError as failed:
        found = re.search(r'key "(.*?)"', str(failed.problem))  # ruamel shows the values, too
        key = cut(found[1].splitlines()[0]) if found and found[1] else sentence("a key")
        what = sentence("{key} stands twice", key=key)
        raise _refusal("duplicate-key", what, failed, "remove one of the two") from failed
    except MarkedYAMLError as failed:
        said = str(failed.problem or failed.context or "").splitlines()
        what = sentence("this isn't YAML: {why}", why=cut(said[0])) if said else sentence("this isn't YAML")
        raise _refusal("parse-error", what, failed, "mend this line by hand") from failed
    except RecursionError as failed:
        raise budget.deep(text, 0) from failed
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError) as failed:
        why = type(failed).__name__
        what = sentence("the reader that conda has stumbles over this file ({why})", why=why)
        raise refuse("parse-error", what, text, 0, "mend the file by hand") from failed
    if data is not None and not isinstance(data, dict):
        at = root.start_mark.index
        raise refuse(
            "not-a-mapping", "the file must hold keys and values", text, at, sentence("write KEY: VALUE")
        )
    return Tree(text, root, data or {}, {})


def _refusal(code: str, what: str, failed: Any, hint: str) -> FormatError:
    mark = failed.problem_mark or failed.context_mark
    return FormatError(
        code, what, line=mark.line + 1 if mark else 1, column=mark.column + 1 if mark else 1, hint=hint
    )
