"""What onboards a machine that has no mirrorcfg; one format, one module, and a new file here is a new format.

Pure: orders in, text out. The parts of a script that are the same for every profile are files in the script's
own language beside the modules. The same order always gives the same text: no date, no path of this machine.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple, Protocol, cast

from mirrorcfg.errors import UsageError
from mirrorcfg.model.machine import Scope
from mirrorcfg.sentence import sentence

HOME, CONFIG, PROGRAMS = "~", "$XDG_CONFIG_HOME", "$PROGRAMDATA"
ROAMING = "$APPDATA"
"""How a path begins that only the target can complete."""


class File(NamedTuple):
    """One file that a standalone script writes.

    `path` is absolute, or begins with one of the marks above. A tool's file is written where one of
    `programs`, or the file, is there; without `programs` always. Of a `lasting` file any content will do.
    """

    tool: str
    path: str
    content: str
    programs: tuple[str, ...] = ()
    lasting: bool = False


class Standalone(NamedTuple):
    """Files to write without mirrorcfg; `command` is what printed the script, for its reader."""

    profile: str
    scope: Scope | None
    command: str
    files: Sequence[File]


class Bootstrap(NamedTuple):
    """A mirrorcfg to fetch, and the arguments of its `use`.

    `sources` are pip's options that name the index; `hashes` those of mirrorcfg's wheel (`sha256:…`), none
    if it is pinned by its version alone. `certificates` (PEM) are trusted for the index, and put at `ca_file`
    where no file is. `profiles` are the texts of those that don't come with mirrorcfg, by name.
    """

    profile: str
    scope: Scope | None
    command: str
    version: str
    hashes: Sequence[str]
    sources: Sequence[str]
    arguments: Sequence[str]
    profiles: Mapping[str, str] = {}
    certificates: str | None = None
    ca_file: str | None = None


class Format(Protocol):
    """One kind of script; it has those of the two functions that STYLES names."""

    TITLE: str
    PLATFORM: str  # of the targets: `sys.platform`'s word
    SCOPE: Scope | None  # whose files, if nothing else is said; None is each tool's natural one
    STYLES: Sequence[str]  # `bootstrap`, `standalone`; the first one is taken if nothing else is said

    def bootstrap(self, order: Bootstrap) -> str:
        """The script that fetches mirrorcfg. Raises FormatError for a value that it can't hold."""

    def standalone(self, order: Standalone) -> str:
        """The script that needs nothing. Raises FormatError for a value that it can't hold."""


@cache
def names() -> tuple[str, ...]:
    """The formats there are, in alphabetical order."""
    modules = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in modules))


def format_named(name: str) -> Format:
    """The format called `name`. Raises UsageError with those there are."""
    if name not in names():
        what = sentence("There is no format called {name}.", name=name)
        raise UsageError(
            "unknown-format", what, hint=sentence("the formats are: {names}", names=", ".join(names()))
        )
    return cast(Format, importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


def part(name: str) -> str:
    """The part of every script that is in the file `name`."""
    data = pkgutil.get_data(__name__, name)
    return "" if data is None else data.decode()
