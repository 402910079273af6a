"""The table of codes, and its page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import mirrorcfg.verifier
from mirrorcfg.verifier import CODES
from mirrorcfg.verifier.codes import hint, message
from tests import verdicts
from tests.pages import HAN

PACKAGE = Path(mirrorcfg.verifier.__file__).parent


def test_every_code_stands_in_the_page_as_it_is_said() -> None:
    page = verdicts.ENGLISH.read_text()
    assert page == verdicts.renewed(page, verdicts.english()), "run: python -m tests.verdicts"


def test_every_code_stands_in_the_chinese_page_as_it_is_said_in_chinese() -> None:
    page = verdicts.CHINESE.read_text()
    assert page == verdicts.renewed(page, verdicts.chinese(page)), "run: python -m tests.verdicts"
    for name, (kind, sentence, advice) in verdicts.rows(page).items():
        code = CODES[name]
        assert kind == code.kind
        assert HAN.search(sentence), name
        assert bool(HAN.search(advice)) == bool(code.hint), name
        assert _facts(sentence) == _facts(code.sentence), name
        assert _facts(advice) == _facts(code.hint or ""), name


def _facts(text: str) -> set[str]:
    return set(re.findall(r"{\w+}", text))


def test_every_code_that_is_raised_is_in_the_table() -> None:
    for path in PACKAGE.rglob("*.py"):
        for name in re.findall(r'(?:Failure|warn)\(\s*"([\w-]+)"', path.read_text()):
            assert name in CODES, (path.name, name)


def test_a_sentence_needs_no_fact_and_shows_no_credential() -> None:
    for name in CODES:
        assert "{" not in message(name, {})
        shown = message(name, {"url": "https://a:planted@b.example/", "detail": "token=planted"})
        assert "planted" not in shown + str(hint(name, {"host": "x:planted@b.example"}))


def test_nothing_turns_verification_off() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        for word in (
            "CERT_NONE",
            "check_hostname",
            "verify_mode",
            "_create_unverified",
            "verify=",
            "CERT_OPTIONAL",
        ):
            assert word not in text, (path.name, word)


def test_the_command_line_imports_none_of_it() -> None:
    code = "import sys, mirrorcfg.cli.app; print(*({'httpx2', 'h11', 'ssl', 'mirrorcfg.verifier'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
