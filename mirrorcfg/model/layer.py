"""The places a tool reads its settings from, and what comes out once they are merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import NamedTuple

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.model.client import HUB
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import NOTHING, Settings, Value


class Layer(NamedTuple):
    """A file or an environment variable, as a tool's order of precedence has it.

    A variable's `value` is known at once; a file's text is read by whoever has the rights. `target`
    marks the one file that a change goes to; one that `gives_way` may have to be changed with it, if it is of
    the same owner's; a `part` is written with it where a profile calls for that; `led_by` is a variable that
    leads to it. An `optional` one may be one that the tool doesn't look at, or does without where it can't
    read it. A `strict` one is read by a program whose every key the writer knows. Without one that is
    `required` the tool fails; an ignored one may be known to be `there`; a `shared` one doesn't show that the
    tool is here. One without file and variable is the tool: it may have a `value` too, and words that `mend`
    it. `beyond` is why there is no file here that could be changed for what the tool asks.
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
    part: bool = False
    shared: bool = False
    led_by: str | None = None
    optional: bool = False
    strict: bool = False
    required: bool = False
    there: bool = False
    reader: str | None = None  # the tool's version, where what it makes of this hangs on that
    mend: str | None = None
    beyond: Finding | None = None

    @property
    def label(self) -> str:
        """What to call it to a user: the variable, the file, or the tool."""
        return self.variable or (self.name if self.is_tool else str(self.path))

    @property
    def is_tool(self) -> bool:
        """Is it the tool itself, with what it does where nobody says anything?"""
        return self.path is None and self.variable is None


def of_variables(machine: Machine, names: Iterable[str]) -> tuple[Layer, ...]:
    """A layer for each of these variables that is set."""
    environ = machine.environ
    return tuple(Layer(name, variable=name, value=environ[name]) for name in names if name in environ)


class Reading(NamedTuple):
    """One layer and what stands in it, in the tool's own words (what its writer's `read` gave).

    `error` is why nothing is known of an optional one's content.
    """

    layer: Layer
    values: Mapping[str, Value] = {}
    error: MirrorcfgError | None = None


class Source(NamedTuple):
    """One address that one tool downloads from; `role` is the profile key that names it.

    A mirror of another registry than Docker Hub, or of a part of one, names that in `registry`. One that
    `resolves` is asked what a tag means; otherwise only the registry itself is.
    """

    tool: str
    role: str
    url: str
    registry: str = HUB
    resolves: bool = True


class Beside(NamedTuple):
    """A source that is asked, whatever a profile says, and the layer that has it so."""

    source: Source
    layer: Layer


class Barred(NamedTuple):
    """A setting in the tool's own words that keeps it from asking, and the layer that has it.

    Where there is more to be said of it, `why` is a sentence, and `mend` what a person can do.
    """

    option: str
    value: str
    layer: Layer
    why: str | None = None
    mend: str | None = None


class Effective(NamedTuple):
    """What the tool will really use: profile keys to values, and the layers each came from.

    A key has more than one origin where the tool merges lists; the strongest is first. What the tool asks
    before all that is `first`, in its order. Where keys alone don't say what is asked, `asked` does; then
    `barred` is a setting that keeps the tool from asking, and `needs` what must be set for it to ask anybody.
    `doubts` are what the tool may refuse to work with.
    """

    settings: Settings = NOTHING
    origins: Mapping[str, tuple[Layer, ...]] = MappingProxyType({})
    warnings: Sequence[str] = ()
    first: Sequence[Beside] = ()
    asked: Sequence[Beside] | None = None
    barred: Barred | None = None
    needs: Settings = NOTHING
    doubts: Sequence[Finding] = ()
