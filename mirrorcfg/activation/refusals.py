"""What would stop a daemon at its next start is refused before it is written.

Source of the rules: docker's documentation, "dockerd"; moby's registry configuration, for a mirror's path:
refused up to 24.0.7, accepted from 24.0.9 on; the rest asked of dockerd 20.10.24.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mirrorcfg.activation import by_table, options, process, standing, unit
from mirrorcfg.activation.unit import Start
from mirrorcfg.errors import CannotSayError, MirrorcfgError, ProgramError
from mirrorcfg.programs import find
from mirrorcfg.programs.run import Order, run
from mirrorcfg.sentence import sentence

_KEY = "registry-mirrors"
_HARBOR = (
    "one of: a host that rewrites /v2/ to /v2/PROJECT/; podman, whose registries.conf takes a location with "
    "a path; containerd, with override_path in hosts.toml; or the image's name as Harbor has it: "
    "mirrorcfg image NAME"
)

Version = tuple[int, ...]


class _Run(NamedTuple):
    """A daemon, or how one would start; `look` is a command that shows its arguments."""

    argv: Sequence[str]
    version: Version
    program: Path | None
    start: Start | None = None
    look: str = "systemctl cat docker"


def sayable(path: Path, content: Mapping[str, Any], *, here: bool) -> None:
    """Refuse mirrors that docker, or the docker that is `here`, has no words for. Raises CannotSayError."""
    harbor(path, content)
    for engine in _engines(path) if here and _with_path(content) else ():
        _without_path(path, content, engine.version)


def harbor(path: Path, content: Mapping[str, Any]) -> None:
    """Refuse a project of Harbor as a mirror, for every version of docker. Raises CannotSayError."""
    for url in _with_path(content):
        if "harbor" in (urlsplit(url).hostname or ""):
            what = sentence(
                "{url} is a project of Harbor; docker appends /v2/ to it, and Harbor's is at /v2/PROJECT/.",
                url=url,
            )
            raise CannotSayError("harbor-path", what, path=str(path), key=_KEY, hint=_HARBOR)


def startable(path: Path, content: Mapping[str, Any], staged: Path) -> None:
    """Would the daemon start with this content? Raises MirrorcfgError if it would not."""
    for engine in _engines(path):
        _unsaid(path, content, engine)
        _judge(path, content, staged, engine)


def _engines(path: Path) -> Iterator[_Run]:
    """The daemons whose file this is, or the one that would be."""
    daemons = process.reading(path)
    for daemon in daemons:
        if daemon.seen:  # what another is given as flags is its word alone
            from mirrorcfg.activation import engine

            found, program = engine.info(daemon), _trusted(standing.program(daemon.pid))
            version = _numbers(str(found.get("ServerVersion"))) if found else _installed(program)
            yield _Run(daemon.argv, version, program, look=f"ps -o args= -p {daemon.pid}")
    if daemons:
        return
    start, program = unit.start(), _trusted(find.which("dockerd", find.places(os.environ)))
    ours = start.words if start.words and process.config(start.words) == path else ()
    if ours or program:
        yield _Run(ours, _installed(program), program, start)


def _unsaid(path: Path, content: Mapping[str, Any], engine: _Run) -> None:
    """Refuse a key that is a flag too."""
    flags = options.keys_of_flags(tuple(engine.argv))
    for key in content.keys() & flags.keys() - {"runtimes"}:
        what = sentence(
            "dockerd is given {key} by its flag {flag} too; it would not start with both.",
            key=key,
            flag=flags[key],
        )
        files = " ".join(map(str, (engine.start or unit.start()).saying(flags[key])))
        look = f"grep -n -e {flags[key]} {files}" if files else engine.look
        raise _error("key-is-a-flag", what, path, key, sentence("take one of them away: {look}", look=look))


def _trusted(program: Path | None) -> Path | None:
    """A program that nobody but we, and root, could have put there; root runs nobody else's to be told."""
    if program is None or (find.is_root() and find.keeper(program) != 0):
        return None
    return program


def _judge(path: Path, content: Mapping[str, Any], staged: Path, engine: _Run) -> None:
    argv, version, program, *_ = engine
    _without_path(path, content, version)
    if version >= (23,) and program is not None:
        _validated(path, staged, program)
        by_table.judge_beside(path, content, staged, argv, _dotted(version))
    elif version[:2] == (20, 10):
        by_table.judge(path, content, staged, argv)


def _without_path(path: Path, content: Mapping[str, Any], version: Version) -> None:
    for url in _with_path(content) if version and version < (24, 0, 9) else ():
        what = sentence(
            "docker {version} takes no mirror with a path ({url}); it would not start. Nothing was changed.",
            version=_dotted(version),
            url=url,
        )
        hint = sentence("docker from 24.0.9 on does, or take it away")
        raise CannotSayError("mirror-with-path", what, path=str(path), key=_KEY, hint=hint)


def _validated(path: Path, staged: Path, program: Path) -> None:
    try:
        done = run(Order((str(program), "--validate", "--config-file", str(staged))))
    except ProgramError:  # it can't be asked; the reload will tell
        return
    if done.code:
        said = done.err.decode(errors="replace").strip().replace(str(staged), str(path))
        what = sentence("dockerd would not start with it: {said}", said=said)
        raise _error("dockerd-refuses", what, path, None, None)


def _with_path(content: Mapping[str, Any]) -> list[str]:
    mirrors = content.get(_KEY)
    return [url for url in mirrors or () if urlsplit(str(url)).path.strip("/")]


def _installed(program: Path | None) -> Version:
    try:
        return _numbers(run(Order((str(program), "--version"), seconds=10)).text) if program else ()
    except ProgramError:
        return ()


def _numbers(text: str) -> Version:
    found = re.search(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})", text)
    return tuple(int(number) for number in found.groups()) if found else ()


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def _error(code: str, what: str, path: Path, key: str | None, hint: str | None) -> MirrorcfgError:
    what = sentence("{what} Nothing was changed.", what=what)
    return MirrorcfgError(code, what, path=str(path), key=key, hint=hint)
