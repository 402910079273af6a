"""What a switch did, as it is drawn: columns in cells, whichever the language and however long a tool's name is."""

from __future__ import annotations

import re

import pytest

from mirrorcfg.cli.width import cells
from tests.sandbox import Sandbox
from tests.tour.play import play

MANY = '[pip]\nindex-url = "https://a.invalid/simple"\n[docker]\nregistry-mirrors = ["https://a.invalid"]\n'
TOOLS = "pip,docker,containerd,buildkit"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["", "dry"])
def test_paths_and_addresses_begin_in_the_same_cell(
    box: Sandbox, language: str, more: tuple[str, ...]
) -> None:
    box.profile("many", MANY)
    where = ("--tool", TOOLS, "--root", str(box.root), *more)
    out = box.run("use", "many", *where, environ={"MIRRORCFG_LANG": language}).out
    found = [re.split(r"(?=https://|/)", line, maxsplit=1) for line in out.splitlines()]
    assert len(found) > 6
    assert len({cells(before) for before, _ in found}) == 1, out
    assert all(before.endswith(" ") for before, _ in found), out


def test_a_path_that_has_no_room_goes_below_and_stays_whole(box: Sandbox) -> None:
    box.profile("many", MANY)
    home = box.home / ("x" * max(1, 73 - len(str(box.home)) - len("/.config/pip/pip.conf")))
    box.environ |= {"HOME": str(home), "NO_COLOR": "1", "MIRRORCFG_LANG": "zh"}
    home.mkdir()
    (home / ".config").symlink_to(box.home / ".config")
    argv = ("use", "many", "--tool", "pip", "--no-verify", "--yes")
    lines = play(home, box.environ, 80, argv).splitlines()
    at = next(at for at, line in enumerate(lines) if line.rstrip() == "pip     已新建")
    assert lines[at + 1].startswith("    /")
    assert lines[at + 1].endswith("pip.conf")
