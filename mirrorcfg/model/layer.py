"""The places a tool reads its settings from, and what comes out once they are merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import NamedTuple

from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import NOTHING, Settings, Value


class Layer(NamedTuple):
    """A file or an environment variable, as a tool's order of precedence has it.

    A variable's `value` is known at once; a file's text is read by whoever has the rights. `target`
    marks the one file that a change goes to; one that `gives_way` may have to be changed with it, if it is of
    the same owner's.
    """

    name: str
    path: PurePath | None = None
    scope: Scope | None = None  # whose file it is; None for a variable, or a file that is never written
    variable: str | None = None
    value: str | None = None
    ignored: str | None = None  # why the tool passes it over just now
    ignored_by: str | None = None  # the variable that makes it
    target: bool = False
    gives_way: bool = False
    reader: str | None = None  # the tool's version, where what it makes of this hangs on that

    @property
    def label(self) -> str:
        """What to call it to a user: the variable, or the file."""
        return self.variable or str(self.path)


def of_variables(machine: Machine, names: Iterable[str]) -> tuple[Layer, ...]:
    """A layer for each of these variables that is set."""
    environ = machine.environ
    return tuple(Layer(name, variable=name, value=environ[name]) for name in names if name in environ)


class Reading(NamedTuple):
    """One layer and what stands in it, in the tool's own words (what its writer's `read` gave)."""

    layer: Layer
    values: Mapping[str, Value] = {}


class Source(NamedTuple):
    """One address that one tool downloads from; `role` is the profile key that names it."""

    tool: str
    role: str
    url: str


class Beside(NamedTuple):
    """A source that is asked, whatever a profile says, and the layer that has it so."""

    source: Source
    layer: Layer


class Effective(NamedTuple):
    """What the tool will really use: profile keys to values, and the layers each came from.

    A key has more than one origin where the tool merges lists; the strongest is first. What the tool asks
    before all that is `first`, in its order. Where keys alone don't say what is asked, `asked` does.
    """

    settings: Settings = NOTHING
    origins: Mapping[str, tuple[Layer, ...]] = MappingProxyType({})
    warnings: Sequence[str] = ()
    first: Sequence[Beside] = ()
    asked: Sequence[Beside] | None = None
