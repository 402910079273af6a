"""Brings store and activation together: the programs that run are told within the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mirrorcfg.activation import FILES
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.model.result import Finding
from mirrorcfg.store import Store


def commit(
    store: Store,
    plan: Plan,
    *,
    command: str,
    reason: str,
    tools: Mapping[str, str],
    check: bool = False,
) -> tuple[Generation, list[Finding]]:
    """Commit the plan once every running program whose file it changes has taken it.

    With `check`, a content that would stop a program at its next start is refused before any is written.
    Raises what the store raises, and NotInEffectError where a program doesn't take its file; then all is
    as before, and so is what the program uses.
    """
    findings = in_step(store, plan)
    plan = Plan(tuple(_on_the_way(store, change) for change in plan.changes))
    live = [change for change in plan.edits if _live(store, change)]
    generation = store.commit(
        plan,
        command=command,
        reason=reason,
        tools=tools,
        check=(lambda staged: _judge(store, plan, staged)) if check else None,
        halfway=lambda: _tell([c._replace(after=c.between) for c in live if c.between is not None], []),
        confirm=(lambda: _tell(live, findings)) if live else None,
    )
    if store.root is None:
        from mirrorcfg.activation import services

        findings += services.tell(plan.edits)
    return generation, findings


def sayable(store: Store, change: Change) -> None:
    """Refuse what the programs that would read the file have no words for. Raises CannotSayError."""
    if _heeded(change) and change.after is not None and change.action != "unchanged":
        from mirrorcfg.activation import docker

        docker.sayable(change.path, change.after, here=store.root is None)


def in_step(store: Store, plan: Plan) -> list[Finding]:
    """Make programs that use something else than the files say, which the plan leaves as they are, read them.

    Inside `locked` only. Raises NotInEffectError where one doesn't take its file.
    """
    findings = []
    for change in plan.changes:
        if _live(store, change) or astray(store, change.tool, change.path, change.before) is None:
            continue
        from mirrorcfg.activation import docker

        if (empty := docker.emptied(change.before)) is not None:
            _there_and_back(store, change._replace(after=empty))
        findings += docker.reload(change.path, change.before)
        findings.append(docker.stepped_in(change.path))
    return findings


def astray(
    store: Store, tool: str, path: Path, content: bytes | None, patience: float = 5.0
) -> Sequence[str] | None:
    """What a running program uses in place of what is in `content`, its file; None where it is in step.

    A program that doesn't answer within `patience` seconds counts as one that is.
    """
    if store.root is not None or FILES.get(tool) != path.suffix:
        return None
    from mirrorcfg.activation import process

    if not process.reading(path):
        return None
    from mirrorcfg.activation import docker

    return docker.astray(path, content, patience)


class _BackError(MirrorcfgError):
    """The change has done its work while it stood."""


def _there_and_back(store: Store, change: Change) -> None:
    """Let the programs read the new content, and put the old one back; no generation comes of it."""

    def seen() -> None:
        _tell([change], [])
        raise _BackError("back", "")

    with suppress(_BackError):
        store.commit(Plan((change,)), command="", confirm=seen)


def tell(changes: Iterable[Change]) -> None:
    """A change was taken back: the programs that run read their files again."""
    from mirrorcfg.activation import services

    changes = list(changes)
    _tell([change for change in changes if _heeded(change)], [])
    services.tell(changes)


def _judge(store: Store, plan: Plan, staged: Mapping[Path, Path]) -> None:
    for change in plan.edits:
        if _heeded(change) and change.after is not None:
            from mirrorcfg.activation import docker

            docker.judge(change.path, change.after, staged[change.path], here=store.root is None)


def _on_the_way(store: Store, change: Change) -> Change:
    if not _live(store, change):
        return change
    from mirrorcfg.activation import docker

    return change._replace(between=docker.between(change.path, change.before, change.after))


def _tell(changes: Iterable[Change], findings: list[Finding]) -> None:
    for change in changes:
        from mirrorcfg.activation import docker

        findings += docker.reload(change.path, change.after)


def _live(store: Store, change: Change) -> bool:
    return store.root is None and _heeded(change) and change.action != "unchanged"


def _heeded(change: Change) -> bool:
    """Is it the file that a running program reads only when it is told to?"""
    return FILES.get(change.tool) == change.path.suffix
