"""`diff`: what `use` would change, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mirrorcfg.host import Host
from mirrorcfg.model.result import Result
from mirrorcfg.ops.switch.planning import Request, plan
from mirrorcfg.ops.switch.proposal import patches
from mirrorcfg.ops.switch.report import Switched
from mirrorcfg.ops.switch.use import result_of


class Diff(NamedTuple):
    """What `use` would change, and a unified diff of each file, by path."""

    changed: bool
    generation: None
    tools: Mapping[str, Switched]
    diffs: Mapping[str, str]


def diff(host: Host, request: Request) -> Result[Diff]:
    """What `use` would change, as a unified diff of each file."""
    host.store.settle()
    steps, changes = plan(host, request)
    result = result_of("diff", host, request, steps, None, dry_run=True)
    data = Diff(result.data.changed, None, result.data.tools, patches(host, changes))
    return Result("diff", data, "ok" if changes.edits else "unchanged", findings=result.findings)
