"""The splices that change values of a YAML text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Changes, KeyPath, Raw, yaml_style
from mirrorcfg.formats.flow import Items, Layout
from mirrorcfg.formats.proof import lookup, named, same
from mirrorcfg.formats.scalar import inline, scalar
from mirrorcfg.formats.text import Splice, aligned, refuse, relined, with_newlines
from mirrorcfg.formats.yaml_style import Style
from mirrorcfg.formats.yaml_tree import BREAK, COMMENT, Node, Tree, is_empty, name, pairs


class Editor:
    """Collects the splices of one edit; `tree.text` ends with a newline, or is empty."""

    def __init__(self, tree: Tree, style: str) -> None:
        self.tree, self.text = tree, tree.text
        self.style = yaml_style.found(tree, style)

    def change(self, changes: Changes) -> list[Splice]:
        """All of `changes` at once."""
        wanted = _nested(changes).changes
        root = self.tree.root
        if root is None or is_empty(root):
            return self._first_keys(wanted)
        if root.id != "mapping":
            at = root.start_mark.index
            raise refuse("not-a-mapping", "null stands here, not keys", self.text, at, "remove this value")
        return self._mapping(root, wanted, ()) or []

    def _first_keys(self, wanted: dict[str, Any]) -> list[Splice]:
        """The file holds nothing yet: below its comments, above an end-of-document mark."""
        at = len(self.text)
        for match in reversed(list(BREAK.finditer(self.text))):
            if self.text.startswith("...", match.end()):
                at = match.end()
        new = "".join(
            self.style.entry(key, value, 0) + self.style.newline for key, value in _plain(wanted).items()
        )
        return [Splice(at, at, new)]

    def _mapping(self, node: Node, wanted: dict[str, Any], path: KeyPath) -> list[Splice] | None:
        """The splices within `node`; None where its last entry would go, and it had better go too."""
        if node.anchor or getattr(node, "merge", None):
            raise self._shared(node, path)
        splices: list[Splice] = []
        gone: set[int] = set()
        new: dict[str, Any] = {}
        places = {name(key): index for index, (key, _) in enumerate(node.value)}
        for key, value in wanted.items():
            index = places.get(key)
            if index is None:
                new |= _plain({key: value})
            elif (found := self._value(node, index, value, (*path, key))) is None:
                gone.add(index)
            else:
                splices += found
        if not new and len(gone) == len(node.value) and node is not self.tree.root:
            return None
        if node.flow_style:
            return splices + (self._flow(node, gone, new) if gone or new else [])
        lines = [Splice(*self._entry_lines(*node.value[index]), "") for index in sorted(gone)]
        if not new and len(gone) == len(node.value) and self._is_ended(lines[-1].end):
            lines[-1] = lines[-1]._replace(new="{}" + self.style.newline)
        return splices + lines + self._added(node, new)

    def _value(self, node: Node, index: int, wanted: Any, path: KeyPath) -> list[Splice] | None:
        """The splices that change one entry; None where it goes."""
        key, value = node.value[index]
        after = self.tree.colon(key)
        if self.tree.is_alias(value, after) or self._before(value, after):
            raise self._shared(key, path)
        old = lookup(self.tree.data, path)
        if isinstance(wanted, Mapping) and wanted and pairs(value):
            wanted = _Part(
                {
                    step: wanted.get(step)
                    for step in {**old, **wanted}
                    if not same(old.get(step), wanted.get(step))
                }
            )
        if isinstance(wanted, _Part):
            if pairs(value):
                return self._mapping(value, wanted.changes, path)
            if old not in (None, {}):
                raise FormatError("not-a-mapping", "this isn't a mapping", key=named(path))
            wanted = _plain(wanted.changes)
        if wanted is None:
            self._must_be_unshared(value, path)
            return None
        self._must_be_unshared(value, path)
        return self._replaced(node, key, value, wanted, path)

    def _replaced(self, node: Node, key: Node, value: Node, wanted: Any, path: KeyPath) -> list[Splice]:
        colon, end = self.tree.colon(key), self.tree.pair_end(key, value)
        column = self.tree.column(key)
        if isinstance(wanted, Raw):
            return [Splice(colon, end, with_newlines(wanted.text, self.style.newline))]
        if not isinstance(wanted, Mapping | list | tuple) and value.id == "scalar" and not is_empty(value):
            return [Splice(value.start_mark.index, end, scalar(wanted, value.style))]
        if isinstance(wanted, list | tuple) and value.id == "sequence":
            old = lookup(self.tree.data, path)
            found = (
                self._flow_list(value, old, wanted) if value.flow_style else self._list(value, old, wanted)
            )
            if found is not None:
                return found if wanted else [Splice(colon, colon, " []"), *found]
        single = node.flow_style or not wanted or not isinstance(wanted, Mapping | list | tuple)
        new = f" {inline(wanted, self.style.quote)}"
        if value.id != "scalar" and not value.flow_style:
            first, last = self.tree.line_start(value.start_mark.index), self.tree.entry_end(key, value)
            lines = "" if single else self.style.body(wanted, column) + self.style.newline
            return [Splice(colon, colon, new if single else ""), Splice(first, last, lines)]
        line_end = self.tree.line_after(end)
        rest = self.text[end:line_end].strip()
        if not single and is_empty(value):
            return [Splice(line_end, line_end, self.style.body(wanted, column) + self.style.newline)]
        if single or rest or value.id != "scalar":
            missing = ":" if self.text[colon - 1 : colon] != ":" else ""
            return [Splice(colon, end, missing + new)]
        return [Splice(colon, end, self.style.value(wanted, column))]

    def _list(self, value: Node, old: list[Any], wanted: Any) -> list[Splice] | None:
        """Items on lines of their own: those that stay keep their lines and the comments around them."""
        spans: list[tuple[int, int]] = []
        first = ""
        for item in value.value:
            start = self.tree.line_start(item.start_mark.index)
            lead = self.text[start : item.start_mark.index]
            if is_empty(item) or lead.strip() != "-":
                return None
            first = first or lead
            spans.append((start, self.tree.line_after(self.tree.end(item))))
        if not wanted:
            return [Splice(*span, "") for span in spans]
        quote = value.value[0].style if value.value[0].id == "scalar" else None
        return relined(
            spans,
            aligned(old, wanted),
            lambda item: f"{first}{scalar(item, quote)}{self.style.newline}",
        )

    def _flow_list(self, value: Node, old: list[Any], wanted: Any) -> list[Splice] | None:
        if not wanted:
            return None
        spans = [(item.start_mark.index, item.end_mark.index) for item in value.value]
        quote = value.value[0].style if spans and value.value[0].id == "scalar" else self.style.quote
        items = [item if isinstance(item, int) else scalar(item, quote) for item in aligned(old, wanted)]
        start, end = value.start_mark.index + 1, value.end_mark.index - 1
        return Items(self.text, start, spans, end).arranged(items, Layout())

    def _flow(self, node: Node, gone: set[int], new: dict[str, Any]) -> list[Splice]:
        spans = [
            (key.start_mark.index, max(key.end_mark.index, self.tree.pair_end(key, value)))
            for key, value in node.value
        ]
        quotes = [(key.style, value.style if value.id == "scalar" else None) for key, value in node.value]
        key_quote, quote = quotes[0] if quotes else (None, self.style.quote)
        wanted: list[int | str] = [index for index in range(len(spans)) if index not in gone]
        for key, value in new.items():
            text = value.text.lstrip() if isinstance(value, Raw) else inline(value, quote or key_quote)
            wanted.append(f"{scalar(key, key_quote)}: {text}")
        start, end = node.start_mark.index + 1, node.end_mark.index - 1
        return Items(self.text, start, spans, end).arranged(wanted, Layout())

    def _added(self, node: Node, new: dict[str, Any]) -> list[Splice]:
        """New entries below the last one and the comments that go with it."""
        if not new:
            return []
        column = self.tree.column(node)
        key, value = node.value[-1]
        at = self.tree.entry_end(key, value)
        while self._is_comment_of(at, column):
            at = self.tree.line_after(at)
        nested = node is not self.tree.root
        style = self.style
        if nested and value.id == "scalar" and not is_empty(value) and value.style not in ("|", ">"):
            style = Style(style.newline, style.unit, style.dash, value.style)
        quoted = key.style if nested else None
        lines = [style.entry(each, item, column, quoted) + style.newline for each, item in new.items()]
        return [Splice(at, at, "".join(lines))]

    def _is_ended(self, at: int) -> bool:
        """A `...` below: conda takes none where nothing stands above it."""
        return any(self.text.startswith("...", match.end()) for match in BREAK.finditer(self.text, at - 1))

    def _is_comment_of(self, at: int, column: int) -> bool:
        line = self.text[at : self.tree.line_after(at)]
        content = line.lstrip(" ")
        return content.startswith("#") and len(line) - len(content) >= column

    def _entry_lines(self, key: Node, value: Node) -> tuple[int, int]:
        start = self.tree.line_start(key.start_mark.index)
        if self.text[start : key.start_mark.index].strip():
            raise refuse(
                "unusual-key",
                "the key doesn't stand at the start of its line",
                self.text,
                key.start_mark.index,
                "write it as KEY: VALUE on a line of its own",
            )
        return start, self.tree.entry_end(key, value)

    def _before(self, value: Node, after: int) -> str:
        """A tag or an anchor between the colon and the value, or the tag that it starts with."""
        start = value.start_mark.index
        if is_empty(value):
            return ""
        return COMMENT.sub("", self.text[after:start]).strip() or ("!" if self.text[start] == "!" else "")

    def _must_be_unshared(self, value: Node, path: KeyPath) -> None:
        first, last = value.start_mark.index, value.end_mark.index
        for node in _all_nodes(value):
            if node.anchor or not first <= node.start_mark.index <= last:
                raise self._shared(value, path)

    def _shared(self, node: Node, path: KeyPath) -> FormatError:
        failed = refuse(
            "shared-value",
            "an anchor, alias, merge key or tag stands here, so that a change would reach further",
            self.text,
            node.start_mark.index,
            "write the value out, without & * << or !",
        )
        failed.key = named(path)
        return failed


class _Part(NamedTuple):
    """Changes of single entries of a mapping whose others stay; None takes one away."""

    changes: dict[str, Any]


def _nested(changes: Changes) -> _Part:
    """Key paths as a tree."""
    root = _Part({})
    for path, wanted in changes.items():
        part = root
        for step in path[:-1]:
            part = part.changes.setdefault(str(step), _Part({}))
            if not isinstance(part, _Part):
                raise ValueError(f"{named(path)} is changed as a whole and in part")
        part.changes[str(path[-1])] = wanted
    return root


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping that `changes` make where there is none."""
    found = {key: _plain(each.changes) if isinstance(each, _Part) else each for key, each in changes.items()}
    return {key: value for key, value in found.items() if value is not None}


def _all_nodes(node: Node) -> list[Node]:
    if isinstance(node.value, str):
        return [node]
    children = [each for item in node.value for each in (item if isinstance(item, tuple) else (item,))]
    return [node, *(deeper for child in children for deeper in _all_nodes(child))]
