"""Root and a user have a history each. What one may know of the other's, and what is told of it.

Root by sudo looks at what the invoking user's history says of its latest generation, with that user's rights.
A user may not read root's; where root changed files of that user's it leaves a note beside the user's
history, with the user's rights too. Neither is believed: they say whose a file may be, and decide nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.host import Host
from mirrorcfg.host.layers import ToolLayers
from mirrorcfg.model.generation import Generation, Kept
from mirrorcfg.model.result import Finding
from mirrorcfg.sentence import sentence
from mirrorcfg.store import digest
from mirrorcfg.store.peek import HEAD, NOTE, Peek, note, peek
from mirrorcfg.store.state import VARIABLE, of_root, state_directory
from mirrorcfg.wording import pasted


class Other(NamedTuple):
    """Another history of this machine's: root's, or else that of the user who called sudo."""

    of_root: bool
    latest: Peek | None  # None where nothing is known but that it is there


def other(host: Host) -> Other | None:
    """The other one, as far as this caller may know; None where there is none to be seen."""
    if host.root is not None or VARIABLE in host.environ or not hasattr(os, "geteuid"):
        return None
    disk = RealDisk()
    if host.user is not None:
        directory = _of_user(host)
        with disk.acting_as(host.user):
            found = None if directory is None else peek(disk, directory, HEAD, host.user.uid)
        return None if found is None else Other(False, found)
    if host.is_root:
        return None
    found = peek(disk, host.store.directory, NOTE, os.geteuid())
    return Other(True, found) if found is not None or of_root(disk) else None


def tell(host: Host, generation: Generation) -> None:
    """Leave the note, where the user who called sudo has a history; one that can't be left is no failure."""
    if host.user is None or host.root is not None or VARIABLE in host.environ:
        return
    disk, directory = RealDisk(), _of_user(host)
    with suppress(MirrorcfgError, OSError):
        with disk.acting_as(host.user):
            known = directory is not None and peek(disk, directory, HEAD, host.user.uid) is not None
        if known and directory is not None:
            from mirrorcfg.store import own

            own.put(directory / NOTE, note(generation, host.user.uid), secret=True, user=host.user, disk=disk)


def overlaid(
    host: Host, layers: ToolLayers, head: Generation | None, there: Other | None
) -> tuple[Generation | None, list[Finding]]:
    """The head with what the other history set and left just so, and what is to be said of that.

    Only of files whose place is that user's: of any other a user's record says nothing.
    """
    mine = os.geteuid() if hasattr(os, "geteuid") else None
    uid = host.user.uid if host.user is not None else mine
    files: dict[str, Kept] = {}
    findings = []
    for path, content in layers.contents.items():
        latest = there.latest if there is not None else None
        left = latest.files.get(str(path)) if latest is not None else None
        kept = head.files.get(str(path)) if head else None
        if there is None or latest is None or left is None or left.tool != layers.tool or content is None:
            continue
        now = digest(content)
        if now != left.after or (kept is not None and kept.after == now) or not _whose(path, uid):
            continue
        files[str(path)] = Kept(left.tool, now, now, now, profile=left.profile)
        if there.of_root:
            what = sentence(
                "{path} was set to {profile} by root's mirrorcfg (generation {number}).",
                path=path,
                profile=left.profile,
                number=latest.number,
            )
            findings.append(Finding("other-history", what, "sudo mirrorcfg history", layers.tool, str(path)))
        else:
            what = sentence(
                "{path} was set to {profile} by the user's own mirrorcfg (generation {number}).",
                path=path,
                profile=left.profile,
                number=latest.number,
            )
            findings.append(
                Finding("other-history", what, pasted("history", sudo=False), layers.tool, str(path))
            )
    if not files:
        return head, findings
    known = head or Generation(0, "", "", "")
    return known._replace(files={**known.files, **files}), findings


def unknown(layers: ToolLayers, path: str | None, there: Other | None) -> list[Finding]:
    """Of a file that decides, and that no history which may be read has: root's may have it."""
    if there is None or not there.of_root or path is None:
        return []
    layer = next((each for each in layers.layers if str(each.path) == path), None)
    if layer is None or layer.scope not in ("user", "system"):
        return []
    what = sentence(
        "{path} decides what {tool} asks, and this user's history doesn't have it; root's may.",
        path=path,
        tool=layers.tool,
    )
    return [Finding("not-in-history", what, "sudo mirrorcfg history", layers.tool, path)]


def mentioned(there: Other | None, since: str = "") -> list[Finding]:
    """That there is another history, with a change since that time, where that is known."""
    if there is None or (there.latest is not None and there.latest.time <= since):
        return []
    if there.latest is None:
        if since:
            return []
        return [Finding("other-history", "Root has a history of its own here.", "sudo mirrorcfg history")]
    number, time = there.latest.number, there.latest.time
    if there.of_root:
        what = sentence("Root's own history has generation {number}, of {time}.", number=number, time=time)
        return [Finding("other-history", what, "sudo mirrorcfg undo")]
    what = sentence(
        "The history of the user who called sudo has generation {number}, of {time}; without sudo it is that "
        "one which is taken back.",
        number=number,
        time=time,
    )
    return [Finding("other-history", what, pasted("undo", sudo=False))]


def _of_user(host: Host) -> Path | None:
    """Where the invoking user's history is, as far as that user's own rights lead."""
    try:
        with RealDisk().acting_as(host.user):
            return state_directory(None, host.environ, host.home)
    except (MirrorcfgError, OSError):
        return None


def _whose(path: Path, uid: int | None) -> bool:
    from mirrorcfg import whose

    return uid is not None and whose.owner(path) == uid
