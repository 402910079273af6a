"""docs/json.md against the types of what the commands answer."""

from __future__ import annotations

import re
from pathlib import Path

from tests import payloads
from tests.drawers import DRAWERS

PAGE = (Path(__file__).parents[1] / "docs/json.md").read_text().partition("## data")[2]
COMMANDS = {
    "use": "Switch", "failover": "Failover", "watch": "Event", "diff": "Diff", "verify": "Sources",
    "status": "Status", "history": "History", "recover": "Recovered", "image": "Image", "pull": "Pulled",
    "env": "Variables", "watch --install": "Service", "demo": "Story", "config": "Configuration",
    "config set": "Configured", "config path": "Location", "uninstall": "Uninstalled",
    "ls": "Listing", "profile show": "Shown", "profile check": "Checked", "profile new": "Made",
    "profile add": "Stored", "profile update": "Updated", "script": "Script",
}  # fmt: skip
"""By the command that begins an entry of the page."""


def entries() -> dict[str, str]:
    """What the page says of each command; "the same" is what the entry before it says."""
    found: dict[str, str] = {}
    before = ""
    for entry in re.split(r"^- ", PAGE, flags=re.MULTILINE)[1:]:
        parts = re.split(r"(?<=\.) (?=`profile )|\n  (?=`profile )", entry)
        for text in parts:
            words = re.match(r"`([a-z -]+)`", text)
            assert words, text
            found[words[1]] = f"{text} {before}" if "the same" in text else text
            before = found[words[1]]
    return found


def test_every_key_of_every_type_stands_on_the_page() -> None:
    told = entries()
    assert set(COMMANDS) <= set(told)
    types = payloads.payloads()
    missing = {
        command: lost
        for command, name in COMMANDS.items()
        if (lost := payloads.keys(types[name]) - set(re.findall(r"`([a-z_0-9]+)`", told[command])))
    }
    assert missing == {}


def test_every_command_that_draws_has_an_entry() -> None:
    assert {payloads.of(draw).__name__ for draw in DRAWERS.values()} <= set(COMMANDS.values())
