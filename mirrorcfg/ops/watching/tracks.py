"""What failover remembers of each tool from one look to the next, in the state directory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.failover import Track
from mirrorcfg.host import Host
from mirrorcfg.model.result import Finding
from mirrorcfg.sentence import sentence

_NAME = "failover"


def load(host: Host) -> tuple[dict[str, Track], list[Finding]]:
    """The tracks by tool; where they can't be read it is a start anew, with a finding that says so."""
    try:
        kept = host.store.remembered(_NAME) or {"tracks": {}}
        move = kept.get("move")
        tracks = kept["tracks"] if move is None or not _done(host, move) else move["tracks"]
        return {tool: Track(**track) for tool, track in tracks.items()}, []
    except (MirrorcfgError, KeyError, TypeError, AttributeError) as error:
        place = host.store.directory / _NAME
        why = (
            error.what
            if isinstance(error, MirrorcfgError)
            else sentence("{place} is of another mirrorcfg.", place=place)
        )
        what = sentence("{why} Which tools are away from their first choice isn't known any more.", why=why)
        return {}, [Finding("track-lost", what, "mirrorcfg history", None, str(place))]


def save(host: Host, before: Mapping[str, Track], tracks: Mapping[str, Track]) -> None:
    """Keep what is worth it, if that differs from `before`. Raises MirrorcfgError.

    Where somebody else has looked meanwhile, and may have moved, what they remember stands.
    """
    if _worth(tracks) == _worth(before) or load(host)[0] != before:
        return
    # That something works, and that couldn't be written down, is no reason to fail.
    with suppress(MirrorcfgError) if _unproven(tracks) == _unproven(before) else nullcontext():
        host.store.remember(_NAME, {"tracks": _worth(tracks)})


def announce(
    host: Host, before: Mapping[str, Track], after: Mapping[str, Track], number: int, reason: str
) -> None:
    """Say ahead what the generation of that number and reason will make of what is remembered.

    So this changes with that generation, whatever ends us when: `before` counts until it is there, and
    `after` from then on. Raises MirrorcfgError.
    """
    move = {"generation": number, "reason": reason, "tracks": _worth(after)}
    host.store.remember(_NAME, {"tracks": _worth(before), "move": move})


def _done(host: Host, move: Mapping[str, Any]) -> bool:
    """Has the move come to be? Where it was refused, or never begun, its number may be another change's."""
    head = host.store.head()
    if head is None or head.number < move["generation"]:
        return False
    try:
        return bool(host.store.generation(move["generation"]).reason == move["reason"])
    except MirrorcfgError:  # long gone, or damaged: what isn't of what is in use doesn't count anyway
        return True


def _unproven(tracks: Mapping[str, Track]) -> dict[str, Any]:
    return _worth({tool: track._replace(proven=None) for tool, track in tracks.items()})


def _worth(tracks: Mapping[str, Track]) -> dict[str, Any]:
    return {tool: track._asdict() for tool, track in tracks.items() if track != Track(track.using)}
