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
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from mirrorcfg.formats.toml_scan import remark
from tests import manual

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mirrorcfg"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PO = PACKAGE / "locale/zh_CN/LC_MESSAGES/mirrorcfg.po"

# What no reader of sentences sees: grammars, scripts, programs' words, tables of keys, the English of logs.
SILENT = (
    "scripts/powershell.py",
    "scripts/sh.py",
    "scripts/ansible.py",
    "scripts/cloud_init.py",
    "scripts/dockerfile.py",
    "scripts/github_actions.py",
    "scripts/gitlab_ci.py",
    "redact/",
    "service/",
    "demo/content.py",
    "demo/certificates.py",
    "demo/stage.py",
    "formats/shell.py",
    "host/program.py",
    "profiles/schema.py",
    "activation/logdrivers.py",
    "activation/cri.py",
    "ops/watching/metrics.py",
    "ops/schema.py",
)
_MARKED = {"sentence", "_", "Sentence"}
_WORD = re.compile(r"[A-Za-z][a-z']+")
# Patterns, formats of time, a header's value, the content of a file: nothing that is worded.
_UNWORDED = re.compile(
    r"\(\?|\(\.\+\)|\\[sbd]|%[sd]|; q=0|\{\{json|\n$|^\w+ --[\w-]+$|^[\w-]+/\d|^\^|\[\^| = true$|; print\("
)
_TABLE = re.compile(r"[\s\w-]*\n[\s\w-]*")  # keys one after the other
# What is compared or sent, or stands in JSON alone.
_NAMES = {
    "gzip, deflate",
    "the system's store",
    "public authorities",
    "Docker Desktop",
    "user (old place)",
    "not read yet",
    "source .venv/bin/activate",
    *(f"{at}Application Support" for at in ("", "/Library/")),
}
# A command to be pasted is in no language; one with words of a sentence about it is a sentence.
_COMMAND = re.compile(
    r"\s*(sudo|mirrorcfg|unset|chmod|export|docker|podman|conda|pipx?|uv|nsenter|openssl|sha256sum|loginctl"
    r"|limactl|rdctl|orb|systemctl|cat|source|eval|-)"
)
_ABOUT = re.compile(
    r"\b(an?|the|its?|itself|this|that|who|what|one|none|no|not|and|or|of|to|with|has|as|once|from|takes|works)\b"
    r"|n't\b|\.$"
)
# Whose arguments nobody reads but who develops this, or who writes a file with an editor that knows its schema.
_INWARD = {
    "ValueError",
    "TypeError",
    "RuntimeError",
    "AssertionError",
    "NotImplementedError",
    "LinkError",
    "Key",
}
_SCHEMA = ("description", "title")


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
    for path in sorted((ROOT / "profiles").glob("*.toml")):
        for text in _remarks(path.read_text()):
            found.setdefault(text, [f"profiles/{path.name}"])
    return found


def _remarks(text: str) -> Iterator[str]:
    """What a template that comes with mirrorcfg says of its variables where they are asked for."""
    for name in tomllib.loads(text).get("variables", {}):
        if said := remark(text, ("variables", name)):
            yield said


def catalog() -> Catalog:
    """The translations there are."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN")


def compiled(messages: Catalog) -> bytes:
    """The .mo of a catalog."""
    messages.creation_date = EPOCH  # nothing in it tells when
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
        called = up.func if isinstance(up, ast.Call) and node in up.args[:1] else None
        if (isinstance(called, ast.Name) and called.id in _MARKED) or (
            not silent
            and _is_worded(node.value)
            and not _is_inward(node, up)
            and not _is_annotation(node, above)
        ):
            yield node.value


def _is_worded(text: str) -> bool:
    if " " not in text.strip() or len(_WORD.findall(text)) < 2 or text in _NAMES:
        return False
    if _UNWORDED.search(text) or _TABLE.fullmatch(text):
        return False
    return not is_command(text)


def is_command(text: str) -> bool:
    """Is it a command, or options of one, and nothing about it?"""
    return _COMMAND.match(text) is not None and not _ABOUT.search(text)


def _is_inward(node: ast.Constant, up: ast.AST) -> bool:
    """Is it a programming error's, a schema's, or the name of a command that answers?"""
    if isinstance(up, ast.Call) and isinstance(up.func, ast.Name):
        return up.func.id in _INWARD or (up.func.id == "Result" and node is up.args[0])
    if isinstance(up, ast.Dict):
        keys = [key for key, value in zip(up.keys, up.values, strict=True) if value is node]
        return any(isinstance(key, ast.Constant) and key.value in _SCHEMA for key in keys)
    return False


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
