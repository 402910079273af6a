"""What would stop a daemon at its next start is refused before it is written.

Source of the rules: docker's documentation, "dockerd"; moby's registry configuration, for a mirror's path:
refused up to 24.0.7, accepted from 24.0.9 on; the rest asked of dockerd 20.10.24.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mirrorcfg.activation import options, process, standing, unit
from mirrorcfg.activation.unit import Start
from mirrorcfg.errors import MirrorcfgError, ProgramError
from mirrorcfg.programs import find
from mirrorcfg.programs.run import Order, run

_KEY = "registry-mirrors"
_HARBOR = (
    "one of: a host that rewrites /v2/ to /v2/PROJECT/; podman, whose registries.conf takes a location with "
    "a path; containerd, with override_path in hosts.toml; or the image's name as Harbor has it: "
    "mirrorcfg image NAME"
)

Version = tuple[int, ...]


def harbor(path: Path, content: Mapping[str, Any]) -> None:
    """Refuse a project of Harbor as a mirror, for every version of docker. Raises MirrorcfgError."""
    for url in _with_path(content):
        if "harbor" in (urlsplit(url).hostname or ""):
            what = (
                f"{url} is a project of Harbor; docker appends /v2/ to it, and Harbor's is at /v2/PROJECT/."
            )
            raise MirrorcfgError("harbor-path", what, path=str(path), key=_KEY, hint=_HARBOR)


def startable(path: Path, content: Mapping[str, Any], staged: Path) -> None:
    """Would the daemon start with this content? Raises MirrorcfgError if it would not."""
    daemons = process.reading(path)
    for daemon in daemons:
        if daemon.seen:  # what another is given as flags is its word alone
            from mirrorcfg.activation import engine

            found, program = engine.info(daemon), _trusted(standing.program(daemon.pid))
            version = _numbers(str(found.get("ServerVersion"))) if found else _installed(program)
            _unsaid(path, content, daemon.argv, f"ps -o args= -p {daemon.pid}")
            _judge(path, content, staged, version, program)
    start = Start() if daemons else unit.start()
    if start.words and process.config(start.words) == path:
        _unsaid(path, content, start.words, None, start)
    program = None if daemons else _trusted(find.which("dockerd", find.places(os.environ)))
    if program is not None:
        _judge(path, content, staged, _installed(program), program)


def _unsaid(
    path: Path, content: Mapping[str, Any], argv: Sequence[str], look: str | None, start: Start | None = None
) -> None:
    """Refuse a key that is a flag too."""
    flags = options.keys_of_flags(tuple(argv))
    for key in content.keys() & flags.keys() - {"runtimes"}:
        what = f"dockerd is given {key} by its flag {flags[key]} too; it would not start with both."
        files = " ".join(map(str, (start or unit.start()).saying(flags[key])))
        look = f"grep -n -e {flags[key]} {files}" if files else look or "systemctl cat docker"
        raise _error("key-is-a-flag", what, path, key, f"take one of them away: {look}")


def _trusted(program: Path | None) -> Path | None:
    """A program that nobody but we, and root, could have put there; root runs nobody else's to be told."""
    if program is None or (find.is_root() and find.keeper(program) != 0):
        return None
    return program


def _judge(
    path: Path, content: Mapping[str, Any], staged: Path, version: Version, program: Path | None
) -> None:
    if version and version < (24, 0, 9):
        for url in _with_path(content):
            what = f"docker {_dotted(version)} takes no mirror with a path ({url}); it would not start."
            raise _error("mirror-with-path", what, path, _KEY, "docker from 24.0.9 on does, or take it away")
    if version >= (23,) and program is not None:
        _validated(path, staged, program)
    elif version[:2] == (20, 10):
        _typed(path, content)


def _typed(path: Path, content: Mapping[str, Any]) -> None:
    for key, value in content.items():
        if key not in options.TYPES:
            what = f"docker 20.10 knows no key {key}; it would not start."
            raise _error("unknown-key", what, path, key, f"take {key} out of {path}")
        wanted = options.TYPES[key]
        if wanted is None or value is None:
            continue
        if not isinstance(value, wanted[0]) or (wanted[0] is int and isinstance(value, bool)):
            what = f"{key} must be {wanted[1]}; docker would not start."
            raise _error("wrong-type", what, path, key, f"write {key} as {wanted[1]}")


def _validated(path: Path, staged: Path, program: Path) -> None:
    try:
        done = run(Order((str(program), "--validate", "--config-file", str(staged))))
    except ProgramError:  # it can't be asked; the reload will tell
        return
    if done.code:
        said = done.err.decode(errors="replace").strip().replace(str(staged), str(path))
        raise _error("dockerd-refuses", f"dockerd would not start with it: {said}", path, None, None)


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
    return MirrorcfgError(code, f"{what} Nothing was changed.", path=str(path), key=key, hint=hint)
