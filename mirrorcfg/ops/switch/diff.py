"""`diff`: what `use` would change, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mirrorcfg.formats.patch import unified
from mirrorcfg.host import Host
from mirrorcfg.model.result import Result
from mirrorcfg.ops.switch.planning import Request, plan
from mirrorcfg.ops.switch.report import Switched
from mirrorcfg.ops.switch.use import result_of
from mirrorcfg.redact import redact
from mirrorcfg.wording import visible


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
    patches = {}
    for step in steps:
        for change in step.changes:
            if step.layers is not None and change.action != "unchanged":
                name = visible(str(change.path))
                own = change.path in step.layers.contents  # and no certificate
                old, new = (
                    # Masked before they are compared: a hunk may not show what a line in it belongs to.
                    redact(step.layers.text(raw) if own else (raw or b"").decode("latin-1")).splitlines()
                    for raw in (change.before, change.after)
                )
                patches[str(change.path)] = unified(old, new, name, name)
    data = Diff(result.data.changed, None, result.data.tools, patches)
    return Result("diff", data, "ok" if changes.edits else "unchanged", findings=result.findings)
