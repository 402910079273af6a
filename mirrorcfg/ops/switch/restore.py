"""`undo`, `restore` and `recover`: back to how the files stood, without losing anybody's edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import FormatError, MirrorcfgError, UsageError, cancelled
from mirrorcfg.host import Host, activate, others
from mirrorcfg.host.claim import claim
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.generation import Generation, Kept
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.ops.switch import report
from mirrorcfg.ops.switch.proposal import Consent, proposal
from mirrorcfg.ops.switch.report import Switch, Switched
from mirrorcfg.sentence import sentence
from mirrorcfg.store import digest
from mirrorcfg.wording import pasted


class Recovered(NamedTuple):
    """The paths that were taken back."""

    changed: bool
    recovered: Sequence[str]


def undo(
    host: Host, *, command: str, dry_run: bool = False, consent: Consent | None = None
) -> Result[Switch]:
    """Take the latest generation back; an undo is a generation too, so a second one takes the first back."""
    return _restore(host, None, command, "undo", dry_run=dry_run, consent=consent)


def restore(
    host: Host, number: int, *, command: str, dry_run: bool = False, consent: Consent | None = None
) -> Result[Switch]:
    """Put every file back to how it stood after generation `number`; 0 is before mirrorcfg first ran."""
    return _restore(host, number, command, "restore", dry_run=dry_run, consent=consent)


def recover(host: Host, *, keep: bool = False) -> Result[Recovered]:
    """Take an interrupted change back now, rather than at the next command.

    With `keep`, a file that somebody edited since stays as it is. Raises RecoveryError.
    """
    paths = [str(path) for path in host.store.recover(keep=keep)]
    complaint = host.store.recovered.complaint if host.store.recovered else None
    findings = [*([Finding.of(complaint)] if complaint else []), *host.configuration.findings]
    data = Recovered(bool(paths), paths)
    return Result("recover", data, "ok" if paths else "unchanged", findings=findings)


def _restore(
    host: Host, number: int | None, command: str, verb: str, *, dry_run: bool, consent: Consent | None
) -> Result[Switch]:
    if dry_run or consent is not None:
        host.store.settle()
        head, goal, changes, findings = _plan(host, number)
        if dry_run:
            return _result(host, verb, changes, findings, None, _planned(head, changes), dry_run=True)
        if consent is not None and changes.edits and not consent(proposal(host, changes, profiles=goal)):
            raise cancelled()
    with host.store.locked():
        head, goal, changes, findings = _plan(host, number)
        generation = None
        if changes.edits or dict(goal) != dict(head.tools) or _renamed(head, changes):
            reason = (
                sentence("undo of {number}", number=head.number) if number is None else f"restore {number}"
            )
            generation, told = activate.commit(
                host.store, changes, command=command, reason=reason, tools=goal
            )
            others.tell(host, generation)
        else:
            told = activate.in_step(host.store, changes)
        findings += told
    return _result(host, verb, changes, findings, generation, generation or head)


def _planned(head: Generation, changes: Plan) -> Generation:
    """What the head would say of the files once they are changed."""
    files = {
        str(each.path): head.files[str(each.path)]._replace(
            after=digest(each.after), profile=each.profile, scope=each.scope
        )
        for each in changes.changes
    }
    return head._replace(files={**head.files, **files})


def _plan(host: Host, number: int | None) -> tuple[Generation, Mapping[str, str], Plan, list[Finding]]:
    """The head, the profiles by tool that will be in force, the changes, and what is worth saying."""
    head = host.store.head()
    there = others.other(host)
    if head is None:
        raise _nothing(there)
    goal = _generation(host, head, head.number - 1 if number is None else number)
    changes: list[Change] = []
    findings = others.mentioned(there, head.time)
    for name, kept in head.files.items():
        then = goal.files.get(name) if goal else None
        if number is None and not kept.changed and kept.profile == (then.profile if then else None):
            continue
        change, finding = _back(host, Path(name), kept, number, goal)
        changes.append(change)
        findings += [finding] if finding else []
    return head, (goal.tools if goal else {}), Plan(tuple(changes)), findings


def _nothing(there: others.Other | None) -> MirrorcfgError:
    """Nothing is in this history; there may be something in the other."""
    if there is None:
        what = "mirrorcfg has changed nothing here yet."
        return MirrorcfgError("nothing-to-undo", what, hint="mirrorcfg history")
    if there.of_root:
        what = "This user's history is empty; root has one of its own."
        return MirrorcfgError("nothing-to-undo", what, hint="sudo mirrorcfg undo")
    number = there.latest.number if there.latest else 0
    what = sentence(
        "Root's history is empty; that of the user who called sudo has generation {number}.", number=number
    )
    return MirrorcfgError("nothing-to-undo", what, hint=pasted("undo", sudo=False))


def _generation(host: Host, head: Generation, number: int) -> Generation | None:
    """Generation `number`, None for 0. Raises UsageError where there is none such."""
    if number == 0:
        return None
    if not 0 < number <= head.number:
        raise UsageError(
            "no-such-generation",
            sentence(
                "There is no generation {number}; the latest is {number2}.",
                number=number,
                number2=head.number,
            ),
            hint="mirrorcfg history",
        )
    return host.store.generation(number)


def _back(
    host: Host, path: Path, kept: Kept, number: int | None, goal: Generation | None
) -> tuple[Change, Finding | None]:
    then = goal.files.get(str(path)) if goal else None
    profile = then.profile if then else None
    user = host.rights(path, kept.uid)
    now = host.store.read(path, user)
    wanted, exact = _wanted(path, kept, number, goal)
    if exact and (digest(now) if now is not None else None) == kept.after:
        (image,) = host.store.images(wanted)
        return Change(kept.tool, path, now, image, user=user, profile=profile, scope=kept.scope), None
    after = _keys_only(host, kept, path, now, wanted)
    finding = Finding(
        "edits-kept",
        sentence(
            "{path} was edited since; those edits stay, and only what mirrorcfg manages goes back.", path=path
        ),
        None,
        kept.tool,
        str(path),
    )
    return Change(kept.tool, path, now, after, user=user, profile=profile, scope=kept.scope), finding


def _renamed(head: Generation, changes: Plan) -> bool:
    """Will a file be another profile's, whether or not its bytes change?"""
    return any(change.profile != head.files[str(change.path)].profile for change in changes.changes)


def _wanted(path: Path, kept: Kept, number: int | None, goal: Generation | None) -> tuple[str | None, bool]:
    """The content to go back to, and whether its bytes may be put back whole."""
    if number is None:
        return kept.before, True
    then = goal.files.get(str(path)) if goal else None
    return (then.after if then else kept.origin), kept.foreign <= number


def _keys_only(host: Host, kept: Kept, path: Path, now: bytes | None, wanted: str | None) -> bytes | None:
    left, target = host.store.images(kept.after, wanted)
    if host.is_certificate(path):
        from mirrorcfg.host import certificates

        return certificates.reverted(now, left, target)
    layers = ToolLayers(kept.tool, (), {}, host)
    try:
        text = writers.writer(kept.tool).revert(layers.text(now), layers.text(left), layers.text(target))
    except FormatError as error:
        raise error.at(str(path)) from None
    return None if now is None and not text else layers.raw(text, now)


def _result(
    host: Host,
    verb: str,
    changes: Plan,
    findings: list[Finding],
    generation: Generation | None,
    head: Generation,
    *,
    dry_run: bool = False,
) -> Result[Switch]:
    """What came of it, or would: with the files as they are to be, and as `head` has them then."""
    tools: dict[str, Switched] = {}
    for tool in dict.fromkeys(change.tool for change in changes.changes):
        mine = [change for change in changes.changes if change.tool == tool and any(change.contents)]
        layers = layers_of(host, tool)
        layers = layers.having({each.path: each.after for each in mine if each.path in layers.contents})
        found = claim(layers, head)
        tools[tool] = report.switched(found.profile if found else None, mine, layers)
    status, code = report.outcome(bool(changes.edits) or generation is not None, False, False)
    data = Switch.of(bool(changes.edits), generation, tools, dry_run=dry_run)
    return Result(verb, data, status, code, [*findings, *host.configuration.findings])
