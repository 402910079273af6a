"""`diff`: what `use` would change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.screen import Line

if TYPE_CHECKING:
    from mirrorcfg.ops.switch.diff import Diff

TASK = "switch"
RANK = 20


def diff(
    profile: o.OwnProfile = None,
    overrides: o.With = None,
    tool: o.Tools = None,
    scope: o.Scope = None,
    root: o.Root = None,
    variables: o.Set = None,
    json: o.Json = False,
) -> Answer:
    """Show what `use` would change, as a diff of each file.

    No source is asked, and nothing is written.

    See what a profile would change here, and in a system that is installed under a directory:
      mirrorcfg diff tsinghua
      mirrorcfg diff tsinghua --root /mnt/image
    """
    from mirrorcfg.ops.switch.diff import diff as run

    host = o.host(root)
    return Answer.of(run(host, o.request(host, profile, overrides, tool, scope, variables)), draw)


def draw(data: Diff) -> Iterator[Line]:
    """Every file's difference."""
    for diff in data.diffs.values():
        yield from d.patch(diff)
