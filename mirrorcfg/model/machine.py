"""The machine as the writers may see it: names, yes-or-no questions, and what a small file of others says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Literal, NamedTuple

from mirrorcfg.model.engine import Engine, Runtime

Scope = Literal["user", "system", "venv"]
_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)


class Machine(NamedTuple):
    """Where a tool looks for its files depends on this, and on nothing else.

    Paths are those that the tool itself would use: under `--root DIR` they are the image's own, and
    whoever opens one puts DIR in front. `platform` is `sys.platform`'s word. `content` is for what tells
    where a tool's files are (a script's first line); it is read with the rights of whose it is, never run.
    `engine` is what the docker daemon here says of itself, `given` the variables of a daemon by its program,
    `runtime` a containerd by its socket and file: each asked once, and None where there is none to be seen.
    """

    platform: str
    home: PurePath
    cwd: PurePath | None = None  # None where no directory matters (under --root)
    environ: Mapping[str, str] = {}
    is_file: Callable[[PurePath], bool] = lambda path: False
    is_dir: Callable[[PurePath], bool] = lambda path: False
    names: Callable[[PurePath], tuple[str, ...]] = lambda path: ()
    resolved: Callable[[PurePath], PurePath] = lambda path: path  # where it leads, links followed
    content: Callable[[PurePath], bytes | None] = lambda path: None  # of a small file; None: none to be read
    which: Callable[[str], PurePath | None] = lambda program: None
    version: Callable[[str], str | None] = lambda distribution: None  # of a Python package that is here
    engine: Callable[[], Engine | None] = lambda: None
    given: Callable[[str], Mapping[str, str] | None] = lambda program: None
    runtime: Callable[[PurePath, PurePath], Runtime | None] = lambda socket, file: None
    root_user: bool = False

    def path(self, text: str) -> PurePath:
        """`text` as a path of this machine's kind: `~` opened, a relative one below the current directory."""
        if text == "~" or text.startswith(("~/", "~\\")):
            return self.home / text[2:]
        return self.absolute(text)

    def absolute(self, text: str) -> PurePath:
        """The same for a program that doesn't know what `~` stands for."""
        path = PureWindowsPath(text) if self.platform == "win32" else PurePosixPath(text)
        return path if self.cwd is None else self.cwd / path

    def directory(self, variable: str, default: str) -> PurePath:
        """The directory that `variable` names, or `default` where it is unset or empty (XDG's rule)."""
        return self.path(self.environ.get(variable) or default)

    def expanded(self, text: str) -> str:
        """`text` with its variables opened; one that isn't set stays as it is (`os.path.expandvars`)."""
        if "$" not in text:
            return text
        return _VARIABLE.sub(lambda found: self.environ.get(found[1] or found[2], found[0]), text)
