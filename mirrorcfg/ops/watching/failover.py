"""`failover`: a look at what is in use, and a switch where it is needed and would help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from mirrorcfg.errors import ConflictError, Exit, MirrorcfgError, cancelled
from mirrorcfg.failover import Decision, Rules, Track, decide
from mirrorcfg.host import Host
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.plan import Plan
from mirrorcfg.model.result import Finding, Result, Status
from mirrorcfg.ops.sources import lists
from mirrorcfg.ops.sources.chain import Subject, subjects
from mirrorcfg.ops.switch import report
from mirrorcfg.ops.switch.editing import Step
from mirrorcfg.ops.switch.planning import Request, plan
from mirrorcfg.ops.switch.proposal import Consent, Proposal, Reason, proposal
from mirrorcfg.ops.switch.report import Switch, Written
from mirrorcfg.ops.switch.use import preview, switch
from mirrorcfg.ops.watching import tracks
from mirrorcfg.ops.watching.look import Look, Seen
from mirrorcfg.sentence import sentence

_WEIGHT = ("switch", "return", "hold", "stay")


class Asked(NamedTuple):
    """What was found of a profile that was asked."""

    profile: str | None
    ok: bool
    code: str
    message: str


class Moved(NamedTuple):
    """What was done to one tool, and decided, and why: `from_` and `to` are its profiles before and after."""

    profile: str | None
    files: Sequence[Written]
    effective: Sequence[str]
    shadowed_by: Sequence[str]
    action: str
    from_: str | None
    to: str | None
    code: str
    asked: Sequence[Asked]


class Failover(NamedTuple):
    """A look and its switch; what stands beside the tools is that of the one that has the most to say."""

    changed: bool
    generation: int | None
    tools: Mapping[str, Moved]
    action: str = "stay"
    from_: str | None = None
    to: str | None = None
    code: str = "no-sources"
    dry_run: bool = False


class Way(NamedTuple):
    """What is looked at, and how patiently; `command` is for the history."""

    command: str
    chain: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    rules: Rules = Rules()


class Outcome(NamedTuple):
    """One tool after a look: what was decided, and what to remember once that is done."""

    subject: Subject
    seen: Seen
    decision: Decision
    track: Track

    @property
    def moves(self) -> bool:
        """Is another source to be used from now on?"""
        return self.decision.action in ("switch", "return")

    @property
    def alone(self) -> bool:
        """Does nothing come into question in its place?"""
        others = [each for each in self.subject.chain if each.name != self.subject.track.using]
        return self.decision.action == "hold" and not others

    @property
    def request(self) -> Request:
        """The move, as `use` would be asked for it."""
        return Request(str(self.decision.to), tools=(self.subject.tool,), scope=self.subject.scope)

    def held(self, code: str) -> Outcome:
        """The same with nothing done, and why."""
        using = self.subject.track.using
        return self._replace(decision=Decision("hold", using, code), track=self.subject.track)


def failover(
    look: Look,
    way: Way,
    *,
    dry_run: bool = False,
    consent: Consent | None = None,
    deferred: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> tuple[Result[Failover], dict[str, Track]]:
    """Look once, act if needed; the answer, and what is remembered by then, by tool.

    Every switch of a look is one change, made within `deferred`. Raises MirrorcfgError; then nothing changed.
    """
    host = look.host
    host.store.settle()
    head = host.store.head()
    before, findings = tracks.load(host)
    found = subjects(host, before, way.chain, way.only)
    seen = look.at(found)
    outcomes = [
        Outcome(each, seen[each.tool], *decide(each.chain, each.track, seen[each.tool].view, way.rules))
        for each in found
    ]
    outcomes, changes = _possible(host, outcomes, way.only, findings)
    findings += [_NO_CHAIN._replace(tool=each.subject.tool) for each in outcomes if each.alone]
    if consent is not None and changes.edits and not dry_run and not consent(_offer(host, outcomes, changes)):
        raise cancelled()
    after = {**before, **{each.subject.key: each.track for each in outcomes}}
    moves = [each for each in outcomes if each.moves]
    done = None
    if dry_run:
        done = preview(host, [each.request for each in moves]) if moves else None
        answer = _result(host, outcomes, done, findings)
        kept = {each.subject.tool: each.subject.track for each in outcomes}
        return answer._replace(data=answer.data._replace(dry_run=True)), kept
    with deferred():
        if moves:
            done = _moved(host, way.command, moves, head, before, after)
        else:
            tracks.save(host, before, after)
    return _result(host, outcomes, done, findings), {each.subject.tool: each.track for each in outcomes}


def _offer(host: Host, outcomes: Sequence[Outcome], changes: Plan) -> Proposal:
    """What somebody is asked: beside the plan what failed, and where each tool goes."""
    moves = {each.subject.tool: each for each in outcomes if each.moves}
    profiles = {tool: str(each.decision.to) for tool, each in moves.items()}
    scopes = {tool: each.subject.scope for tool, each in moves.items()}
    reasons = {tool: _reason(each) for tool, each in moves.items()}
    return proposal(host, changes, profiles=profiles, scopes=scopes)._replace(reasons=reasons)


def _reason(outcome: Outcome) -> Reason:
    using, decision = outcome.subject.track.using, outcome.decision
    message = _message(outcome.seen, using or "", decision.code) if decision.action == "switch" else None
    return Reason(using, decision.to, decision.code, message)


def reason(decision: Decision, using: str | None) -> str:
    """Why, for the history and for people."""
    if decision.action == "return":
        return sentence("return to {to}", to=decision.to)
    return sentence(
        "failover from {using}: {code}", using=using or "a source of no profile", code=decision.code
    )


def _possible(
    host: Host, outcomes: Sequence[Outcome], named: Sequence[str], findings: list[Finding]
) -> tuple[list[Outcome], Plan]:
    """The outcomes, those held that couldn't be carried out; and all that they would change.

    Raises the error of a tool that was asked for by name.
    """
    possible, changes = [], Plan(())
    for outcome in outcomes:
        if outcome.moves:
            try:
                steps, own = plan(host, outcome.request, unattended=True)
                _in_effect(outcome, steps)
                changes = Plan(changes.changes + own.changes)
            except MirrorcfgError as error:
                if outcome.subject.tool in named:
                    raise
                findings.append(Finding.of(error, outcome.subject.tool))
                outcome = outcome.held(error.code)
        possible.append(outcome)
    return possible, changes


def _in_effect(outcome: Outcome, steps: Sequence[Step]) -> None:
    """Raises NotInEffectError where something stronger than the tool's file would win all the same."""
    from mirrorcfg.errors import NotInEffectError

    for step in steps:
        shadows = step.layers.shadows(step.settings) if step.layers else []
        for finding in report.shadow_findings(step, shadows)[:1]:
            raise NotInEffectError(finding.code, finding.message, path=finding.path, hint=finding.hint)


def _moved(
    host: Host,
    command: str,
    moves: Sequence[Outcome],
    head: Generation | None,
    before: Mapping[str, Track],
    after: Mapping[str, Track],
) -> Result[Switch]:
    reasons = "; ".join(dict.fromkeys(reason(each.decision, each.subject.track.using) for each in moves))
    with host.store.locked():
        now = host.store.head()
        number = head.number if head else 0
        if (now.number if now else 0) != number:
            raise ConflictError(
                "changed-meanwhile", "Somebody switched meanwhile; nothing was written.", hint="run it again"
            )
        tracks.announce(host, before, after, number + 1, reasons)
        return switch(host, [each.request for each in moves], command=command, reason=reasons)


def _result(
    host: Host, outcomes: Sequence[Outcome], done: Result[Switch] | None, findings: Sequence[Finding]
) -> Result[Failover]:
    tools = {each.subject.tool: _entry(host, each, done) for each in outcomes}
    about = (done.data.changed, done.data.generation) if done else (False, None)
    data = Failover(*about, tools)
    if tools:
        most = min(tools.values(), key=lambda entry: _WEIGHT.index(entry.action))
        data = data._replace(action=most.action, from_=most.from_, to=most.to, code=most.code)
    else:
        findings = [*findings, Finding("no-sources", "There is no source to look at.", "mirrorcfg ls")]
    status, code = _status(outcomes, done) if outcomes else ("failed", Exit.NOT_IN_EFFECT)
    dead = [each for outcome in outcomes for each in _passed_over(outcome)]
    return Result("failover", data, status, code, [*findings, *dead, *(done.findings if done else ())])


def _passed_over(outcome: Outcome) -> list[Finding]:
    """The mirrors of a list that works without them, of what is used from now on."""
    return lists.passed_over(outcome.seen.verdicts.get(outcome.decision.to or "", ()))


_NO_CHAIN = Finding(
    "no-chain",
    "Nothing is named to go on with.",
    'name them with --chain NAME,NAME; or for good as failover = ["NAME"] in the profile',
)


def _entry(host: Host, outcome: Outcome, done: Result[Switch] | None) -> Moved:
    subject, decision = outcome.subject, outcome.decision
    if outcome.moves and done is not None:
        own = done.data.tools[subject.tool]
    else:
        own = report.switched(subject.track.using, (), layers_of(host, subject.tool, subject.scope))
    asked = [
        Asked(name or None, sight.code == "ok", sight.code, message)
        for name, sight in outcome.seen.view.sights.items()
        if (message := _message(outcome.seen, name, sight.code)) is not None
    ]
    decided = (decision.action, subject.track.using, decision.to, decision.code)
    return Moved(*own, *decided, asked)


def _message(seen: Seen, name: str, code: str) -> str | None:
    """What the verifier said of the source that decided it; None where nothing was asked."""
    return next((each.message for each in seen.verdicts.get(name, ()) if each.code == code), None)


def _status(outcomes: Sequence[Outcome], done: Result[Switch] | None) -> tuple[Status, Exit]:
    held = any(each.decision.action == "hold" for each in outcomes)
    if held:
        return ("partial" if done else "failed"), Exit.NOT_IN_EFFECT
    return (done.status, done.exit) if done else ("unchanged", Exit.OK)
