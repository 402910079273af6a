"""Every sentence is a template that can be translated, and is."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrorcfg.sentence import Sentence, clause, sentence
from tests import chinese
from tests.sentences import PACKAGE, PO, catalog, compiled, sentences

SENTENCES = sorted(sentences())
# Where a template comes out of a table, or is no template at all.
AT_LARGE = {
    "sentence.py",
    "demo/story.py",
    "errors.py",
    "verifier/codes.py",
    "trace.py",
    "cli/help.py",
    "cli/usage.py",
}
WORDED = {"what", "message", "hint", "said", "why", "detail", "question", "told"}


def fields(template: str) -> set[tuple[str, str, str | None]]:
    """What is filled in, each with how."""
    parts = string.Formatter().parse(template)
    return {(name, spec or "", conversion) for _, name, spec, conversion in parts if name is not None}


def test_the_catalog_has_every_sentence_and_no_other() -> None:
    known = {str(message.id): str(message.string) for message in catalog() if message.id}
    assert sorted(set(SENTENCES) - set(known)) == []
    assert sorted(set(known) - set(SENTENCES)) == []
    assert sorted(text for text, said in known.items() if not said) == []
    assert PO.with_suffix(".mo").read_bytes() == compiled(catalog())


def test_a_translation_is_filled_in_with_the_same() -> None:
    for message in catalog():
        if message.id and message.string and "{" in f"{message.id}{message.string}":
            if is_template(str(message.id)):
                assert fields(str(message.string)) == fields(str(message.id)), message.id
            else:
                assert re.findall(r"\{.*?\}", str(message.string)) == re.findall(r"\{.*?\}", str(message.id))


def test_a_translation_is_written_as_people_write() -> None:
    told = [(str(each.id), str(each.string)) for each in catalog() if each.id and each.string]
    wrong = [f"{there}: {why}" for text, there in told for why in chinese.amiss(text, there)]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("There is no {name}.", "没有,{name}。"),
        ("There is no file (here).", "没有文件(这里)。"),
        ("the file: gone", "文件: 没了"),
        ("pip fails", "pip失败"),
        ("pip fails, always", "pip 失败， 总是"),
        ("pip fails.", "pip 失败"),
        ("the mirror is down", "镜像停了"),
        ("the mirror is down", "镜像站停了"),
        ("the profile is broken", "配置已损坏"),
        ("the disk is full", "磁盘 已满"),
    ],
)
def test_a_translation_that_is_not(text: str, there: str) -> None:
    assert list(chinese.amiss(text, there))


def is_template(text: str) -> bool:
    """Is it filled in, or drawn as it stands? A name in braces that is no key of a file says so."""
    try:
        named = [name for name, _, _ in fields(text)]
    except ValueError:
        return False
    return bool(named) and all(re.fullmatch(r"[a-z_]+[0-9]?", name) for name in named)


TEMPLATES = [text for text in SENTENCES if is_template(text)]
TEXTS = st.text(max_size=20)
NESTED = st.builds(lambda text: sentence("the {thing} is gone.", thing=text), TEXTS)


@given(
    plain=TEXTS,
    worded=st.one_of(TEXTS, NESTED, st.one_of(NESTED, TEXTS).map(clause)),
    number=st.integers(0, 2**20),
    part=st.floats(0, 1e6),
    short=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_in_the_same_language_it_is_the_same(
    plain: str, worded: str, number: int, part: float, short: bool
) -> None:
    for template in TEMPLATES:
        facts: dict[str, object] = {
            name: number if spec[-1:] in ("X", "x") else part if spec else plain if conversion else worded
            for name, spec, conversion in fields(template)
        }
        made = Sentence(template, facts, short)
        assert made.into(str) == str(made)
        assert made.of(str) == made


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the package, with its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield path.relative_to(PACKAGE).as_posix(), node


def name_of(node: ast.AST) -> str:
    """The last part of what is called, or of what it is called on."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_a_template_is_written_out_where_it_is_used() -> None:
    wrong = [
        f"{path}:{call.lineno}"
        for path, call in calls()
        if path not in AT_LARGE
        and name_of(call.func) in ("sentence", "Sentence")
        and not (call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str))
    ]
    assert wrong == []


def test_a_sentence_is_not_made_into_a_text_again() -> None:
    wrong = []
    for path, call in calls():
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in (
            "format",
            "format_map",
            "rstrip",
        ):
            continue
        on = call.func.value
        worded = name_of(on) in WORDED or (isinstance(on, ast.Call) and name_of(on.func) in ("sentence", "_"))
        if worded and path not in AT_LARGE:
            wrong.append(f"{path}:{call.lineno}")
    assert wrong == []
