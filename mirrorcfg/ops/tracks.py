"""What failover remembers of each tool from one look to the next, in the state directory."""

from __future__ import annotations

from collections.abc import Mapping

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.failover import Track
from mirrorcfg.model.result import Finding
from mirrorcfg.ops.host import Host

_NAME = "failover"


def load(host: Host) -> tuple[dict[str, Track], list[Finding]]:
    """The tracks by tool; where they can't be read it is a start anew, with a finding that says so."""
    try:
        kept = host.store.remembered(_NAME)
        return {tool: Track(**track) for tool, track in (kept or {}).items()}, []
    except (MirrorcfgError, TypeError, AttributeError) as error:
        place = host.store.directory / _NAME
        why = error.what if isinstance(error, MirrorcfgError) else f"{place} is of another mirrorcfg."
        what = f"{why} Which tools are away from their first choice isn't known any more."
        return {}, [Finding("track-lost", what, "mirrorcfg history", None, str(place))]


def save(host: Host, before: Mapping[str, Track], tracks: Mapping[str, Track]) -> None:
    """Keep what is worth it, if that differs from `before`. Raises MirrorcfgError."""
    if _worth(tracks) != _worth(before):
        host.store.remember(_NAME, {tool: track._asdict() for tool, track in _worth(tracks).items()})


def _worth(tracks: Mapping[str, Track]) -> dict[str, Track]:
    return {tool: track for tool, track in tracks.items() if track != Track(track.using)}
