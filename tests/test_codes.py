"""Every code that a user can meet has its place in a page."""

from __future__ import annotations

import re
import subprocess
import sys

from tests import codes
from tests.codes import ROOT


def test_the_page_is_what_the_source_says() -> None:
    page = (ROOT / "docs/codes.md").read_text()
    assert page == codes.page(), "run: python -m tests.codes > docs/codes.md"


def test_a_code_is_found_in_each_of_its_forms() -> None:
    """One of each way in which the source makes one: a scan that sees less would pass the test above."""
    made = codes.uses()
    for code, kind, exit in [
        ("unknown-tool", "error", 2),
        ("command-not-found", "error", 127),
        ("permission-denied", "error", 5),
        ("disk-full", "error", 1),
        ("config-syntax", "error", 1),
        ("duplicate-section", "error", 1),
        ("daemon-refused", "error", 3),
        ("daemon-not-running", "note", None),
        ("run-again", "note", None),
        ("dns-failure", "verdict: hard", None),
    ]:
        assert (kind, exit) in {(use.kind, use.exit) for use in made[code]}, code


def test_a_code_that_is_shown_is_in_the_page() -> None:
    page = (ROOT / "docs/codes.md").read_text()
    done = subprocess.run(
        [sys.executable, "-m", "mirrorcfg", "use", "nosuch"], capture_output=True, text=True, check=False
    )
    (code,) = re.findall(r"^error\[([\w-]+)]", done.stderr)
    assert f"| `{code}` | error | {done.returncode} |" in page
