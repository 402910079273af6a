"""`config set`, `unset`, `path` and `edit`: config.toml changed, and checked before it counts.

It is mirrorcfg's own file and in no history: it is replaced as one step, by its owner's rights.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from mirrorcfg import config
from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Raw, toml
from mirrorcfg.host import Host
from mirrorcfg.model import places
from mirrorcfg.model.plan import User
from mirrorcfg.model.result import Result
from mirrorcfg.ops import draft
from mirrorcfg.ops.config import known
from mirrorcfg.ops.shelf.directories import Whose
from mirrorcfg.store import own

_NEW = b"# mirrorcfg's own settings: docs/config.md\n"


class Configured(NamedTuple):
    """The file, whether it was changed, and the setting that was (None: any)."""

    changed: bool
    path: str
    key: str | None
    value: object


class Location(NamedTuple):
    """A file of the configuration, and whether there is one."""

    path: str
    exists: bool


class _File(NamedTuple):
    path: Path
    root: Path | None
    user: User | None

    def read(self) -> bytes | None:
        return own.read(self.path, root=self.root, user=self.user)

    def put(self, data: bytes) -> None:
        own.put(self.path, data, root=self.root, user=self.user)


def change(host: Host, key: str, text: str | None, whose: Whose) -> Result[Configured]:
    """Give a setting the value that `text` spells, or with None take it out; all else in the file stays.

    Raises UsageError for a key or a value that can't be, ConfigError for a file that is broken elsewhere, and
    MirrorcfgError, PermissionDeniedError.
    """
    file = _file(host, whose)
    before = file.read() or b""
    try:
        misspelt = text is None and key in toml.read(_text(file, before))  # which is how it goes away
        name = key if misspelt else known(key)
        value = None if text is None else config.spoken(name, text)
        after = toml.edit(_text(file, before), {(name,): _written(value)}).encode()
    except FormatError as error:
        raise error.at(str(file.path)) from None
    config.load({str(file.path): after})
    if after != before:
        file.put(after)
    data = Configured(after != before, str(file.path), name, value)
    verb = "config unset" if text is None else "config set"
    return Result(verb, data, "ok" if data.changed else "unchanged")


def path(host: Host, whose: Whose) -> Result[Location]:
    """Where the file is, or would be."""
    file = _file(host, whose)
    return Result("config path", Location(str(file.path), file.read() is not None))


def edit(host: Host, whose: Whose, again: draft.Again | None) -> Result[Configured]:
    """Have it edited. What comes back broken is offered again, or the old one stays: raises ConfigError."""
    file = _file(host, whose)
    before = file.read()
    check: Callable[[bytes], object] = lambda data: config.load({str(file.path): data})  # noqa: E731
    after = draft.edited(_NEW if before is None else before, file.path.name, file.user, check, again)
    if after is not None:
        file.put(after)
    data = Configured(after is not None, str(file.path), None, None)
    return Result("config edit", data, "ok" if data.changed else "unchanged")


def _file(host: Host, whose: Whose) -> _File:
    platform = host.machine.platform if host.root is None else sys.platform
    if whose == "user":
        folder, root = places.of_user(host.environ, host.home, platform), None
    else:
        folder, root = places.of_system(host.environ, platform, host.root), host.root
    return _File(folder / "config.toml", root, host.rights((folder / "config.toml").absolute()))


def _text(file: _File, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        config.load({str(file.path): data})  # says which line
        raise


def _written(value: object) -> Any:
    """As a person would write it: no fraction where there is none."""
    if isinstance(value, (int, float)):
        return Raw(str(int(value) if value == int(value) else value))
    return list(value) if isinstance(value, tuple) else None if value is None else str(value)
