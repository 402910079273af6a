"""A profile with `extends` followed and nothing filled in, each value with the document that says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mirrorcfg.profiles.check import OFFER, Catalogue, check, strings
from mirrorcfg.profiles.document import Document, read
from mirrorcfg.profiles.search import Directory, Found, find_name, unknown
from mirrorcfg.profiles.variables import references
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import shown

DEEPEST = 8
_INHERITED = ("homepage", "failure-domain", "failover", "checked")


class Said(NamedTuple):
    """A value, and where it is said."""

    value: Any
    document: Document
    keys: tuple[str, ...]


Table = Mapping[str, Said]


class Draft(NamedTuple):
    """`documents` has the profile's own first, then those that it extends."""

    documents: tuple[Document, ...]
    top: Table
    tls: Table
    variables: Table
    tools: Mapping[str, Table]

    @property
    def document(self) -> Document:
        """The profile's own."""
        return self.documents[0]


def draft(found: Found, catalogue: Catalogue, directories: Sequence[Directory]) -> Draft:
    """The profile in a file, merged with those that it extends. Raises ProfileError."""
    return merge(read(found), catalogue, directories)


def merge(document: Document, catalogue: Catalogue, directories: Sequence[Directory]) -> Draft:
    """`document` merged with those that it extends. Raises ProfileError."""
    documents = _chain(document, catalogue, directories)
    merged = _alone(documents[-1], catalogue)
    for over in reversed(documents[:-1]):
        merged = _over(merged, _alone(over, catalogue))
    _unused(document, documents)
    return Draft(documents, merged.top, merged.tls, merged.variables, merged.tools)


def _chain(
    document: Document, catalogue: Catalogue, directories: Sequence[Directory]
) -> tuple[Document, ...]:
    check(document, catalogue)
    documents = [document]
    while (name := document.content.get("extends")) is not None:
        found = _extended(document, name, directories)
        seen = [each.found.path for each in documents]
        if found is None or found.path in seen:
            if found is None and name != document.found.name:
                raise document.error(
                    "unknown-profile", unknown(name, directories), "extends", hint="mirrorcfg ls"
                )
            loop = " -> ".join((*(each.found.name for each in documents), name))
            raise document.error(
                "extends-loop", sentence("Profiles extend one another: {loop}.", loop=loop), "extends"
            )
        if len(documents) == DEEPEST:
            what = sentence("More than {deepest} profiles extend one another.", deepest=DEEPEST)
            raise document.error("extends-too-deep", what, "extends")
        document = read(found)
        check(document, catalogue)
        documents.append(document)
    return tuple(documents)


def _extended(document: Document, name: str, directories: Sequence[Directory]) -> Found | None:
    """The file that `extends` means.

    A profile that extends its own name means the next one of that name, so that the user's `tsinghua` can
    build upon the built-in one. A profile given by path may also extend a file beside it.
    """
    mine, parent = document.found, document.found.path.parent
    here = next((index for index, each in enumerate(directories) if each.path == parent), None)
    if name == mine.name:
        return find_name(name, directories if here is None else directories[here + 1 :])
    if here is None:
        directories = (*directories, Directory("path", parent))
    return find_name(name, directories)


def _alone(document: Document, catalogue: Catalogue) -> Draft:
    content = document.content
    top = {key: content[key] for key in _INHERITED if key in content}
    return Draft(
        (document,),
        _said(top, document),
        _said(content.get("tls", {}), document, "tls"),
        _said(content.get("variables", {}), document, "variables"),
        {tool: _said(content[tool], document, tool) for tool in catalogue if tool in content},
    )


def _said(table: Mapping[str, Any], document: Document, *above: str) -> Table:
    return {key: Said(value, document, (*above, key)) for key, value in table.items()}


def _over(base: Draft, over: Draft) -> Draft:
    tools = {tool: _table(base.tools.get(tool, {}), table) for tool, table in over.tools.items()}
    return Draft(
        over.documents + base.documents,
        {**base.top, **over.top},
        {**base.tls, **over.tls},
        {**base.variables, **over.variables},
        {**base.tools, **tools},
    )


def _table(base: Table, over: Table) -> Table:
    """Keys replace keys one by one; `default` and `unavailable` replace, and give way to, a whole table."""
    if all(key in OFFER for key in over):
        return over
    return {key: said for key, said in base.items() if key not in OFFER} | dict(over)


def _unused(document: Document, documents: tuple[Document, ...]) -> None:
    used = {name for each in documents for _, text in strings(each.content) for name in references(text)}
    declared = {name for each in documents[1:] for name in each.content.get("variables", {})}
    for name in document.content.get("variables", {}):
        if name not in used and name not in declared:
            what = sentence("The variable {name} is not used by anything.", name=shown(name))
            raise document.error("unused-variable", what, "variables", name)
