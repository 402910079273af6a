"""`use`: every tool of a profile switched as one, and proof that the tools will use it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mirrorcfg.errors import ConflictError, Exit, cancelled
from mirrorcfg.host import Host, activate, others
from mirrorcfg.host.claim import claim_of
from mirrorcfg.host.layers import Shadow, ToolLayers, layers_of
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.plan import Plan
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.ops.shelf import provenance
from mirrorcfg.ops.shelf.taken import taken
from mirrorcfg.ops.switch import report
from mirrorcfg.ops.switch.editing import Step
from mirrorcfg.ops.switch.planning import Request, meant, plan
from mirrorcfg.ops.switch.proposal import Consent, Proposal, Verified, proposal
from mirrorcfg.ops.switch.report import Switch, Switched

if TYPE_CHECKING:
    from mirrorcfg.model.verdict import Probe, Verdict


def use(
    host: Host,
    request: Request,
    *,
    command: str,
    dry_run: bool = False,
    consent: Consent | None = None,
    patience: float | None = None,
) -> Result[Switch]:
    """Switch, once every new source has passed within `patience` seconds (None: they aren't asked).

    Nothing is changed under `dry_run`, or where `consent`, shown the plan, says no. Raises MirrorcfgError;
    then nothing is changed either.
    """
    unattended = consent is None
    if dry_run:
        host.store.settle()
        steps, _ = plan(host, request)
        return result_of("use", host, request, steps, None, dry_run=True)
    shown, asked = None, list[Finding]()
    passed: Verified | None = None
    if consent is not None or patience is not None:
        host.store.settle()
        steps, shown = plan(host, request, unattended=unattended)
        if shown.edits and patience is not None:
            asked, passed = _verify(host, request, steps, patience)
        notes = provenance.amiss(host, request.profiles) if consent else ()
        if shown.edits and consent is not None:
            offer = _offer(host, request, steps, shown)._replace(notes=notes, verified=passed)
            if not consent(offer):
                raise cancelled()
    with host.store.locked():
        steps, changes = plan(host, request, unattended=unattended)
        if shown is not None and changes != shown:
            raise ConflictError(
                "changed-meanwhile", "A file changed meanwhile; nothing was written.", hint="run it again"
            )
        names = ", ".join(dict.fromkeys(step.profile for step in steps if step.changes))
        generation, told = _commit(host, steps, changes, command, f"use {names}")
    result = result_of("use", host, request, steps, generation)
    unasked = [_UNASKED] if changes.edits and patience is None else []
    result = result._replace(data=result.data._replace(verified=passed))
    more = [*asked, *told, *host.store.findings, *unasked, *host.configuration.findings]
    return result._replace(findings=[*result.findings, *more])


def switch(host: Host, requests: Sequence[Request], *, command: str, reason: str) -> Result[Switch]:
    """What several requests ask for as one change; inside the lock, once their sources have passed.

    Raises MirrorcfgError; then nothing is changed.
    """
    planned = [(request, plan(host, request, unattended=True)[0]) for request in requests]
    steps = [step for _, mine in planned for step in mine]
    changes = Plan(tuple(change for step in steps for change in step.changes))
    generation, told = _commit(host, steps, changes, command, reason)
    result = _joined([result_of("use", host, request, mine, generation) for request, mine in planned])
    return result._replace(findings=[*result.findings, *told, *host.store.findings])


def preview(host: Host, requests: Sequence[Request]) -> Result[Switch]:
    """What `switch` would answer, with nothing written."""
    return _joined(
        [result_of("use", host, each, plan(host, each)[0], None, dry_run=True) for each in requests]
    )


_LEAST = 0.1  # seconds; in less nobody answers
_LEFT = ("unavailable", "no-such-scope")  # nothing was to be had, or to be written to
_UNASKED = Finding("not-verified", "The sources were not verified.", "mirrorcfg verify")


def _offer(host: Host, request: Request, steps: Sequence[Step], changes: Plan) -> Proposal:
    profiles = {step.tool: step.profile for step in steps}
    return proposal(host, changes, profiles=profiles, scopes=dict.fromkeys(profiles, request.scope))


def _verify(
    host: Host, request: Request, steps: Sequence[Step], patience: float
) -> tuple[list[Finding], Verified | None]:
    """What there is to say of sources that will do, and how fast they were.

    Raises NotInEffectError for one that would not.
    """
    from mirrorcfg.host import official
    from mirrorcfg.ops.sources import asking, lists, verify
    from mirrorcfg.ops.switch import instead

    probes: list[Probe] = []
    for step in steps:
        if step.serves:
            settings = step.settings or official.asked(host, step.tool)
            if step.layers is None:
                found = asking.of_settings(host, step.tool, settings, step.profile)
            else:
                found = asking.of_switch(host, step.layers, settings, step.profile)
            probes += asking.trusting(found, step.untold)
    end = time.monotonic() + patience

    def mended(failed: Sequence[Verdict]) -> str | None:
        """What would do it, in what is left of the time."""
        left = end - time.monotonic()
        return (
            instead.mended(host, request, steps, failed, verify.Depth(timeout=left))
            if left > _LEAST
            else None
        )

    verdicts = verify.require(host, probes, verify.Depth(timeout=patience), mended)
    untold = [
        Finding(each.code, each.message, each.hint, each.probe.tool, each.probe.url)
        for each in verdicts
        if each.ok and each.code != "ok"
    ]
    well = [each.ms for each in verdicts if each.ok]
    passed = Verified(len(well), round(max(well), 1)) if well else None
    return [*lists.passed_over(verdicts), *untold], passed


def _commit(
    host: Host, steps: Sequence[Step], changes: Plan, command: str, reason: str
) -> tuple[Generation | None, list[Finding]]:
    """The generation (None: files and profiles are what they were), and what is worth saying of it."""
    head = host.store.head()
    before = dict(head.tools) if head else {}
    if not changes.edits and all(_known(host, step, head) for step in steps if step.serves):
        return None, activate.in_step(host.store, changes)
    served = {**before, **{step.tool: step.profile for step in steps if step.serves}}
    made, told = activate.commit(
        host.store, changes, command=command, reason=reason, tools=served, check=True
    )
    others.tell(host, made)
    return made, told


def _known(host: Host, step: Step, head: Generation | None) -> bool:
    """Is it as it was remembered: the file's profile, or else what counts here?"""
    kept = head.files.get(str(step.changes[0].path)) if head else None
    if kept is not None and kept.profile is not None:
        return kept.profile == step.profile
    found = claim_of(host, step.tool, head)
    return found is None or found.profile == step.profile


def result_of(
    command: str,
    host: Host,
    request: Request,
    steps: Sequence[Step],
    generation: Generation | None,
    *,
    dry_run: bool = False,
) -> Result[Switch]:
    """What came of these steps: as the files are by now, or under `dry_run` as they would be."""
    tools: dict[str, Switched] = {}
    findings: list[Finding] = []
    shadowed = False
    for step in steps:
        findings += step.findings
        if step.skipped is not None:
            findings.append(step.skipped)
            tools[step.tool] = report.switched(None, step.changes, step.layers, skipped=step.skipped.path)
            continue
        # Read again from the disk: what counts is what the tool will find there.
        layers = step.layers if dry_run else layers_of(host, step.tool, request.scope)
        shadows: list[Shadow] = layers.shadows(step.settings, step.stays) if layers else []
        untrusted = report.untrusted(host, step, layers) if step.serves else []
        shadowed = shadowed or bool(shadows) or bool(untrusted)
        findings += untrusted
        findings += report.shadow_findings(step, shadows, layers)
        findings += [Finding("other-command", warning, None, step.tool) for warning in _warnings(layers)]
        findings += [each.naming(step.called) for each in layers.effective.doubts] if layers else []
        findings += report.first_findings(step, layers)
        findings += [] if shadows else report.beside_findings(step, layers)
        tools[step.tool] = report.switched(step.profile, step.changes, layers, shadows)
    changed = any(change.action != "unchanged" for step in steps for change in step.changes)
    missing = any(step.skipped and step.skipped.code not in _LEFT for step in steps)
    status, code = report.outcome(changed or generation is not None, shadowed, missing)
    if all(step.skipped and not step.changes for step in steps):
        status, code = "failed", Exit.NOT_IN_EFFECT
    findings += [*provenance.amiss(host, request.profiles), *provenance.ignored(host), *_taken(host, request)]
    data = Switch.of(changed, generation, tools, dry_run=dry_run)
    return Result(command, data, status, code, findings)


def _taken(host: Host, request: Request) -> Iterator[Finding]:
    if any("://" in text for text in (*request.profiles, *request.variables.values())):
        main, others = meant(host, request)
        for profile in (main, *others.values()):
            yield from taken(profile)


def _joined(results: Sequence[Result[Switch]]) -> Result[Switch]:
    """One answer of several for different tools; the worst of them gives the exit code."""
    worst = max(results, key=lambda result: result.exit)
    tools = {tool: entry for result in results for tool, entry in result.data.tools.items()}
    data = worst.data._replace(changed=any(each.data.changed for each in results), tools=tools)
    return worst._replace(data=data, findings=[each for result in results for each in result.findings])


def _warnings(layers: ToolLayers | None) -> Sequence[str]:
    return layers.effective.warnings if layers else ()
