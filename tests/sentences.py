"""Every sentence that a user can be shown, and the catalog of their translations.

`python -m tests.sentences` brings mirrorcfg/locale/ up to date: a sentence that is new stands there without a
translation, one that is gone goes, and the .mo is made anew. `--missing` prints those without a translation,
`--merge FILE…` takes translations out of other .po files.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests import manual

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mirrorcfg"
PO = PACKAGE / "locale/zh_CN/LC_MESSAGES/mirrorcfg.po"

# What no reader of sentences sees: grammars, scripts, programs' words, tables of keys, the English of logs.
SILENT = (
    "scripts/",
    "redact/",
    "service/",
    "demo/content.py",
    "demo/certificates.py",
    "formats/shell.py",
    "activation/logdrivers.py",
    "activation/cri.py",
    "ops/watching/metrics.py",
    "ops/schema.py",
)
_MARKED = {"sentence", "_", "Sentence"}
_WORD = re.compile(r"[A-Za-z][a-z']+")
# Lines for a shell, patterns, formats: nothing that is worded.
_UNWORDED = re.compile(
    r"^\s*(sudo|mirrorcfg|unset|chmod|export|docker|podman|conda|pipx?|uv|nsenter)\b|\(\?|\\s|%[sd]|^-"
    r"|^(limactl|rdctl|orb|systemctl)\b|^\w+ --[\w-]+$|^[\w-]+/\d|^\^|\[\^| = true$|; print\("
)
_TABLE = re.compile(r"[\s\w-]*\n[\s\w-]*")  # keys one after the other
# Names that are compared, or stand in JSON alone.
_NAMES = {
    "Docker Desktop",
    "user (old place)",
    "not read yet",
    *(f"{at}Application Support" for at in ("", "/Library/")),
}


def sentences() -> dict[str, list[str]]:
    """Each sentence or template, with the files that have it."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for text in _of(path):
            if name not in found.setdefault(text, []):
                found[text].append(name)
    for text in manual.texts():
        found.setdefault(text, ["cli/"])
    return found


def catalog() -> Catalog:
    """The translations there are."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN")


def compiled(messages: Catalog) -> bytes:
    """The .mo of a catalog."""
    out = io.BytesIO()
    write_mo(out, messages)
    return out.getvalue()


def _of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    silent = path.relative_to(PACKAGE).as_posix().startswith(SILENT)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or not node.value:
            continue
        up = above[node]
        if isinstance(up, (ast.Expr, ast.JoinedStr, ast.FormattedValue)):
            continue  # a docstring, or a piece of what can't be translated
        if isinstance(up, ast.Call) and ast.unparse(up.func) == "Key" and node in up.args[1:2]:
            continue  # what stands in the schema of profiles alone
        called = up.func if isinstance(up, ast.Call) and node in up.args[:1] else None
        if (isinstance(called, ast.Name) and called.id in _MARKED) or (
            not silent and _is_worded(node.value) and not _is_annotation(node, above)
        ):
            yield node.value


def _is_worded(text: str) -> bool:
    if text in _NAMES or _TABLE.fullmatch(text):
        return False
    return " " in text.strip() and len(_WORD.findall(text)) > 1 and not _UNWORDED.search(text)


def _is_annotation(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    while not isinstance(node, ast.stmt):
        up = above[node]
        if isinstance(up, (ast.AnnAssign, ast.arg)) and node is up.annotation:
            return not isinstance(up, ast.arg) or "help" not in ast.unparse(up.annotation)
        if isinstance(up, ast.FunctionDef) and node is up.returns:
            return True
        node = up
    return False


def update(others: list[Path]) -> Catalog:
    """The catalog of what the source has now, with what was translated already."""
    old = catalog() if PO.exists() else Catalog(locale="zh_CN")
    known = {message.id: message.string for message in old if message.id and message.string}
    for path in others:
        with path.open("rb") as file:
            known.update(
                {message.id: message.string for message in read_po(file) if message.id and message.string}
            )
    new = Catalog(locale="zh_CN", project="mirrorcfg", header_comment="# What mirrorcfg says, in Chinese.")
    for text in sorted(sentences()):
        new.add(text, known.get(text, ""), flags=["python-brace-format"] if "{" in text else [])
    return new


def written(messages: Catalog) -> bytes:
    """The .po of a catalog; nothing in it tells when or by whom."""
    out = io.BytesIO()
    write_po(out, messages, width=110, omit_header=True, sort_output=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: zh_CN\\n"\n\n'
    return b"# What mirrorcfg says, in Chinese.\n" + head.encode() + out.getvalue()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--missing", metavar="FOLDER", nargs="?", const="", help="print what has no translation"
    )
    parser.add_argument("--merge", metavar="FILE", nargs="*", type=Path, default=[])
    given = parser.parse_args()
    messages = update(given.merge)
    if given.missing is not None:
        where = sentences()
        for message in messages:
            if (
                message.id
                and not message.string
                and any(f.startswith(given.missing) for f in where[message.id])
            ):
                sys.stdout.write(
                    f'# {", ".join(where[message.id])}\nmsgid {_quoted(message.id)}\nmsgstr ""\n\n'
                )
        return
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(written(messages))
    PO.with_suffix(".mo").write_bytes(compiled(catalog()))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


if __name__ == "__main__":
    main()
