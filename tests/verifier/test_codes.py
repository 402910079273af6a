"""The table of codes, and its page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import mirrorcfg.verifier
from mirrorcfg.verifier import CODES
from mirrorcfg.verifier.codes import hint, message

PACKAGE = Path(mirrorcfg.verifier.__file__).parent
PAGE = (PACKAGE.parents[1] / "docs" / "verifier.md").read_text()


def test_every_code_stands_in_the_page_in_both_languages() -> None:
    for name, code in CODES.items():
        rows = re.findall(rf"^\| `{name}` \| {code.kind} \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
        assert len(rows) == 2, name
        assert rows[0] == (code.sentence, code.hint or "")
        assert set(re.findall(r"{\w+}", rows[1][0])) <= set(re.findall(r"{\w+}", code.sentence))
    assert len(re.findall(r"^\| `", PAGE, re.MULTILINE)) == 2 * len(CODES)


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
