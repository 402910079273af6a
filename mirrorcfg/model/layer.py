"""The places a tool reads its settings from, and what comes out once they are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from mirrorcfg.model.machine import Scope
from mirrorcfg.model.settings import Settings, Value


@dataclass(frozen=True)
class Layer:
    """A file or an environment variable, as a tool's order of precedence has it.

    A variable's `value` is known at once; a file's text is read by whoever has the rights. `target`
    marks the one file that a change goes to.
    """

    name: str
    path: PurePath | None = None
    scope: Scope | None = None  # whose file it is; None for a variable, or a file that is never written
    variable: str | None = None
    value: str | None = None
    ignored: str | None = None  # why the tool passes it over just now
    ignored_by: str | None = None  # the variable that makes it
    target: bool = False

    @property
    def label(self) -> str:
        """What to call it to a user: the variable, or the file."""
        return self.variable or str(self.path)


@dataclass(frozen=True)
class Reading:
    """One layer and what stands in it, in the tool's own words (what its writer's `read` gave)."""

    layer: Layer
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Effective:
    """What the tool will really use: profile keys to values, and the layers each came from.

    A key has more than one origin where the tool merges lists; the strongest is first.
    """

    settings: Settings = field(default_factory=dict)
    origins: Mapping[str, tuple[Layer, ...]] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """One address that one tool downloads from; `role` is the profile key that names it."""

    tool: str
    role: str
    url: str
