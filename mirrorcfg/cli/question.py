"""The question before a change: which tools, addresses and files; the differences, if wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg.cli import draw, render, screen
from mirrorcfg.cli.language import _
from mirrorcfg.cli.screen import Line
from mirrorcfg.cli.width import padded
from mirrorcfg.redact import masked, redact
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.ops.switch.proposal import Proposal, Reason, Verified


def ask(proposal: Proposal) -> bool:
    """Show what would be done, and ask."""
    for finding in proposal.notes:
        render.note(finding)
    screen.say(_shown(proposal), err=True)
    while (answer := screen.choose(_("Write these files?"), _("d shows the differences"), "ynd")) == "d":
        for patch in proposal.diffs().values():
            render.diff(patch, err=True)
    return answer == "y"


def verified(found: Verified) -> Line:
    """That the sources passed, and how fast."""
    said = (
        sentence(
            "{sources} sources were verified in {seconds:.1f} s.",
            sources=found.sources,
            seconds=found.ms / 1000,
        )
        if found.sources > 1
        else sentence("The source was verified in {seconds:.1f} s.", seconds=found.ms / 1000)
    )
    return Line(_(said), "green", label=f"{screen.sign('good')} ", indent=2)


def _shown(proposal: Proposal) -> Iterator[str | Line]:
    width = draw.wide(proposal.uses)
    for tool, addresses in proposal.uses.items():
        name, reason = proposal.profiles.get(tool), proposal.reasons.get(tool)
        yield from _headed(f"{tool:<{width}}", name, reason)
        for address in masked(list(addresses)) or [_("(the tool's own default)")]:
            yield draw.row(" " * width + padded(_("uses"), 10), address)
        for change in proposal.changes.edits:
            if change.tool == tool:
                does = {"created": _("create"), "changed": _("change"), "removed": _("remove")}
                yield draw.row(" " * width + padded(does[change.action], 10), str(change.path))
    if proposal.verified is not None:
        yield verified(proposal.verified)


def _headed(tool: str, profile: str | None, reason: Reason | None) -> Iterator[Line]:
    if reason is None:
        yield Line(profile or _("(no profile)"), bold=True, label=tool)
        return
    using = reason.from_ or _("(no profile)")
    text = _(sentence("{name}: {said}", name=f"{using} -> {reason.to}", said=reason.code))
    yield Line(text, bold=True, label=tool)
    if reason.message:
        text = redact(_(reason.message))
        yield Line(text, "red", label=f"{'':<{len(tool)}}{screen.sign('bad')} ", indent=len(tool) + 2)
