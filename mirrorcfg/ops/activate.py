"""Brings store and activation together: the programs that run are told within the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mirrorcfg.activation import FILES
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
    plan = Plan(tuple(_on_the_way(store, change) for change in plan.changes))
    live = [change for change in plan.edits if _live(store, change)]
    findings: list[Finding] = []
    generation = store.commit(
        plan,
        command=command,
        reason=reason,
        tools=tools,
        check=(lambda staged: _judge(store, plan, staged)) if check else None,
        halfway=lambda: _tell([c._replace(after=c.between) for c in live if c.between is not None], []),
        confirm=(lambda: _tell(live, findings)) if live else None,
    )
    return generation, findings


def told(changes: Iterable[Change]) -> None:
    """A change was taken back: the programs that run read their files again."""
    _tell([change for change in changes if _heeded(change)], [])


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
    return FILES.get(change.tool) == change.path.name
