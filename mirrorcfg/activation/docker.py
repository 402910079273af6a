"""docker: a daemon that runs reads its file again on SIGHUP, without a restart.

Source of the rules: docker's documentation, "dockerd", "Configuration reload behavior"; facts tried on 20.10:
a reload that the daemon refuses is only logged, and a file without the key leaves the old mirrors in force.
So what it took is read back, and before the key goes away it is shown an empty list.
"""

from __future__ import annotations

import time
from pathlib import Path

from mirrorcfg import interruption
from mirrorcfg.activation import process, words
from mirrorcfg.activation.process import Daemon
from mirrorcfg.activation.standing import service
from mirrorcfg.errors import NotInEffectError, ProgramError
from mirrorcfg.formats import json
from mirrorcfg.formats import text as texts
from mirrorcfg.model.result import Finding
from mirrorcfg.sentence import sentence

_KEY = "registry-mirrors"
_BUILDKIT, _FOLLOWING = (18, 9), (23,)
_PATIENCE = 5.0  # seconds for a reload; it takes a few milliseconds


def between(path: Path, before: bytes | None, after: bytes | None) -> bytes | None:
    """What the file must hold for a moment on the way: an empty list, where a side hasn't the key.

    None where nothing is to be done: both have it, or no daemon reads the file.
    """
    bare = [raw for raw in (after, before) if _mirrors(raw) is None]
    if not bare or before == after or not process.reading(path):
        return None
    return emptied(bare[0])


def emptied(content: bytes | None) -> bytes | None:
    """`content` with an empty list of mirrors; None where it has a list of its own."""
    if _mirrors(content) is not None:
        return None
    text, form = texts.decode(content or b"", "utf-8")
    return texts.encode(json.edit(text, {(_KEY,): ()}), form)


def astray(path: Path, content: bytes | None, patience: float = 5.0) -> tuple[str, ...] | None:
    """The mirrors that a running daemon uses in place of those in `content`, its file.

    None where every daemon uses them, or doesn't answer this user within `patience` seconds.
    """
    for daemon in process.reading(path):
        from mirrorcfg.activation import engine

        found = engine.info(daemon, patience)
        mirrors = engine.mirrors(found) if found else None
        if mirrors is not None and mirrors != _wanted(daemon, content):
            return mirrors
    return None


def judge(path: Path, after: bytes, staged: Path, *, here: bool) -> None:
    """Refuse a content that could not work; for a daemon that is `here`, also what it would not start with.

    `staged` is a file with the content. Raises MirrorcfgError.
    """
    from mirrorcfg.activation import refusals

    content = json.read(texts.decode(after, "utf-8")[0])
    refusals.harbor(path, content)
    if here:
        refusals.startable(path, content, staged)


def sayable(path: Path, after: bytes, *, here: bool) -> None:
    """Refuse mirrors that docker, or the docker that is `here`, has no words for. Raises CannotSayError."""
    from mirrorcfg.activation import refusals

    refusals.sayable(path, json.read(texts.decode(after, "utf-8")[0]), here=here)


def reload(path: Path, content: bytes | None) -> list[Finding]:
    """Make every daemon whose file this is read it, and wait until it has the mirrors of `content`.

    Raises NotInEffectError, with the daemon's own words, where it doesn't take them.
    """
    daemons = process.reading(path)
    if not daemons:
        message = sentence("No docker daemon runs that reads this file; one will read it when it starts.")
        return [_finding("daemon-not-running", path, message, None)]
    findings = [_told(daemon, path, _wanted(daemon, content)) for daemon in daemons]
    return [finding for finding in findings if finding is not None]


def stepped_in(path: Path) -> Finding:
    """That a daemon had to be told of a file that nobody has changed just now."""
    message = sentence("The docker daemon used other mirrors than its file says; it has read the file again.")
    return _finding("daemon-reloaded", path, message, None)


def _told(daemon: Daemon, path: Path, wanted: tuple[str, ...]) -> Finding | None:
    if not daemon.seen:
        return _not_told(daemon, path)
    ear = words.listen(daemon)
    try:
        process.hang_up(daemon)
    except ProcessLookupError:
        message = sentence("The docker daemon has just ended; it will read its file when it starts.")
        return _finding("daemon-not-running", path, message, None)
    except PermissionError:
        if not _reloaded_by_systemd(daemon):
            return _not_told(daemon, path)
    with interruption.heeded():
        return _awaited(daemon, path, wanted, ear)


def _awaited(daemon: Daemon, path: Path, wanted: tuple[str, ...], ear: words.Ear) -> Finding | None:
    from mirrorcfg.activation import engine

    deadline, pause = time.monotonic() + _PATIENCE, 0.005
    while True:
        found = engine.info(daemon, max(0.1, deadline - time.monotonic()))
        if found is None and not process.there(daemon):
            message = sentence("The docker daemon ended meanwhile; it will read its file when it starts.")
            return _finding("daemon-not-running", path, message, None)
        if found is not None and engine.mirrors(found) == wanted:
            return _builds(path, engine.read(found).version)
        if time.monotonic() > deadline:
            break
        time.sleep(pause)
        pause = min(2 * pause, 0.2)
    if found is None:
        message = sentence(
            "The docker daemon (process {pid}) was told to read its file, and answers nobody here.",
            pid=daemon.pid,
        )
        return _finding("daemon-not-asked", path, message, "docker info")
    raise _refused(daemon, path, ear.heard())


def _builds(path: Path, version: tuple[int, ...]) -> Finding | None:
    """That BuildKit doesn't follow, before docker 23; tried on 20.10, and on 26.1 and 28.5, where it does."""
    if not _BUILDKIT <= version < _FOLLOWING:
        return None
    message = sentence(
        "docker build of this version (BuildKit) keeps the mirrors that the daemon has started with."
    )
    return _finding("builds-keep-mirrors", path, message, "sudo systemctl restart docker")


def _refused(daemon: Daemon, path: Path, said: str | None) -> NotInEffectError:
    pid, hint = daemon.pid, None if said else "sudo journalctl -u docker -n 20"
    what = (
        sentence("The docker daemon (process {pid}) did not take the mirrors: {said}", pid=pid, said=said)
        if said
        else sentence("The docker daemon (process {pid}) did not take the mirrors.", pid=pid)
    )
    return NotInEffectError("daemon-refused", what, path=str(path), hint=hint)


def _not_told(daemon: Daemon, path: Path) -> Finding:
    hint = "sudo systemctl reload docker" if _is_service(daemon) else f"sudo kill -HUP {daemon.pid}"
    message = sentence(
        "This user may not tell the docker daemon to read its file again; it still uses what it had."
    )
    return _finding("daemon-not-told", path, message, hint)


def _reloaded_by_systemd(daemon: Daemon) -> bool:
    from mirrorcfg.programs.run import Order, run

    if not _is_service(daemon):
        return False
    try:
        return run(Order(("systemctl", "--no-ask-password", "reload", "docker.service"))).code == 0
    except ProgramError:
        return False


def _is_service(daemon: Daemon) -> bool:
    return service(daemon.pid) == "docker.service"


def _wanted(daemon: Daemon, content: bytes | None) -> tuple[str, ...]:
    """What the file says, else the daemon's flags."""
    mirrors = _mirrors(content)
    if mirrors is not None:
        return mirrors
    return tuple(url.rstrip("/") for url in process.values(daemon.argv, "registry-mirror"))


def _mirrors(raw: bytes | None) -> tuple[str, ...] | None:
    """The mirrors in a file without the slash at their end, None where it doesn't name the key."""
    mirrors = None if raw is None else json.read(texts.decode(raw, "utf-8")[0]).get(_KEY)
    return None if mirrors is None else tuple(str(url).rstrip("/") for url in mirrors)


def _finding(code: str, path: Path, message: str, hint: str | None) -> Finding:
    return Finding(code, message, hint, "docker", str(path))
