"""The page of every code that a user can meet: `python -m tests.codes > docs/codes.md`.

Made from the source, so that a code can't be left out: what is given the code of an error, a note or a verdict,
with the sentence beside it, and the pages of docs/ that tell more.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import errors
from mirrorcfg.verifier.codes import CODES

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mirrorcfg"
_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# What makes an error or a note of a code besides the classes of errors.py, and the kind it makes.
_MAKERS = {
    "Finding": "note",
    "_finding": "note",
    "held": "note",
    "Wrong": "ProfileError",
    "wrong": "ConfigError",
    "error": "ProfileError",
    "VariableError": "ProfileError",
    "_error": "MirrorcfgError",
    "refuse": "FormatError",
    "_refusal": "FormatError",
    "_distrust": "RecoveryError",
    "_Fault": "MirrorcfgError",
}
# What the file system refuses to this user, among its other faults.
_DENIED = ("permission-denied", "operation-not-permitted", "read-only-file-system")
# Where a code and its sentence stand side by side, and what is made of them.
_PAIRS = {"formats/ini.py": "FormatError", "ops/running/run.py": "note"}
_INTERRUPTED = {"interrupted": errors.Exit.INTERRUPTED}
_HEAD = """\
# Codes

What stands in the brackets of `error[…]` and `note[…]`, in `code` of the JSON, and in the table of `verify`. A code
never changes its meaning. An error ends with the exit code beside it; a note with none of its own. The verdicts'
sentences, and what they mean to failover, are in [verifier.md](verifier.md). `…` stands for a fact of the case.

| code | kind | exit | sentence | more in |
|---|---|---|---|---|
"""


class Use(NamedTuple):
    """One place that raises, or notes, a code."""

    kind: str
    exit: int | None
    sentence: str


def uses() -> dict[str, list[Use]]:
    """Every code, and the places in the source that give it."""
    found: dict[str, list[Use]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        sentences = _assigned(_tree(path))
        for call in (node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)):
            for code, use in _of(call, sentences):
                found[code].append(use)
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Tuple | ast.Dict) and (
                made := _PAIRS.get(path.relative_to(PACKAGE).as_posix())
            ):
                for code, what in _pair(node):
                    exit = getattr(errors, made).exit if made != "note" else None
                    found[code].append(
                        Use("note" if exit is None else "error", None if exit is None else int(exit), what)
                    )
    for prefix in ("config", "profile"):  # of a document, whichever it is
        for code, what in _documents():
            found[f"{prefix}-{code}"].append(Use("error", int(errors.Exit.FAILED), what))
    for node in _tree(PACKAGE / "failover/decide.py").body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found[str(node.value.value)].append(Use("failover", None, ""))
    for name, code in CODES.items():
        found[name].append(Use(f"verdict: {code.kind}", None, re.sub(r"{\w+}", "…", code.sentence)))
    return dict(found)


def page() -> str:
    """docs/codes.md."""
    rows = []
    for code, places in sorted(uses().items()):
        kinds = ", ".join(dict.fromkeys(place.kind for place in places))
        exits = ", ".join(dict.fromkeys(str(place.exit) for place in places if place.exit is not None))
        said = next((place.sentence for place in places if place.sentence), "").replace("|", "\\|")
        rows.append(f"| `{code}` | {kinds} | {exits} | {said} | {' '.join(_pages(code))} |\n")
    return _HEAD + "".join(rows)


def _of(call: ast.Call, sentences: Sequence[tuple[int, str, str]]) -> Iterator[tuple[str, Use]]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    kind = _MAKERS.get(name, name)
    known = getattr(errors, kind, None)
    if kind != "note" and not (isinstance(known, type) and issubclass(known, errors.MirrorcfgError)):
        return
    for at, argument in enumerate(call.args[:2]):
        codes = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
        for code in codes:
            if isinstance(code, ast.Constant) and _KEBAB.fullmatch(str(code.value)):
                after = call.args[at + 1 : at + (3 if name == "_finding" else 2)]
                said = next((text for each in after if (text := _said(each, sentences))), "")
                exit = None if known is None else _exit(str(code.value), known, call)
                yield str(code.value), Use("note" if known is None else "error", exit, said)


def _exit(code: str, error: type[errors.MirrorcfgError], call: ast.Call) -> int:
    for argument in call.args:  # a class of errors that is given its exit code
        if isinstance(argument, ast.Attribute) and ast.unparse(argument.value) == "Exit":
            return int(errors.Exit[argument.attr])
    if code in _DENIED:
        return int(errors.Exit.PERMISSION)
    return int(_INTERRUPTED.get(code, error.exit))


def _assigned(tree: ast.Module) -> list[tuple[int, str, str]]:
    """The sentences that were given a name, with the line and the name, the last first."""
    found = [
        (node.lineno, target.id, _text(node.value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return sorted(found, reverse=True)


def _said(node: ast.expr, sentences: Sequence[tuple[int, str, str]]) -> str:
    if not isinstance(node, ast.Name):
        return _text(node)
    return next((text for line, name, text in sentences if name == node.id and line < node.lineno), "")


def _text(node: ast.expr) -> str:
    """A sentence of the source; what is filled in is `…`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        return re.sub(r"\{\w*(![ra])?(:[^}]*)?\}", "…", re.sub(r"\{(\{\w*\})\}", r"\1", node.value))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "sentence":
        return _text(node.args[0]).replace("{{", "{").replace("}}", "}")
    if isinstance(node, ast.JoinedStr):
        parts = (str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        return "".join(parts)
    if isinstance(node, ast.IfExp):
        return _text(node.body) or _text(node.orelse)
    return ""


def _pair(node: ast.Tuple | ast.Dict) -> Iterator[tuple[str, str]]:
    pairs = zip(node.elts, node.elts[1:], strict=False) if isinstance(node, ast.Tuple) else _items(node)
    for code, what in pairs:
        if isinstance(code, ast.Constant) and _KEBAB.fullmatch(str(code.value)) and _text(what):
            yield str(code.value), _text(what)


def _items(node: ast.Dict) -> Iterator[tuple[ast.expr, ast.expr]]:
    return ((key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None)


def _documents() -> Iterator[tuple[str, str]]:
    """What formats/document.py says of a text, for each of its subjects."""
    tree = _tree(PACKAGE / "formats/document.py")
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "unreadable":
            code, what = call.args[:2]
            if isinstance(code, ast.Constant):
                yield str(code.value), _said(what, _assigned(tree))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _docs() -> dict[str, str]:
    pages = sorted((ROOT / "docs").glob("*.md"))
    return {page.name: page.read_text() for page in pages if page.name != "codes.md"}


def _pages(code: str) -> Iterator[str]:
    for name, text in _docs().items():
        if f"`{code}`" in text and ".zh-CN." not in name:
            yield f"[{name.removesuffix('.md')}]({name})"


if __name__ == "__main__":
    print(page(), end="")
