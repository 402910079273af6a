"""One tool, one module; `Writer` is what each of them offers, and a new file here is a new tool.

What few tools need, `give_way` and `besides`, the others take from here as it is.
Writers are pure: they name paths, read texts and return texts. No file is opened, no process started.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import PurePath
from typing import NamedTuple, Protocol, cast

from mirrorcfg.errors import UsageError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.client import Client
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import NOTHING, Key, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.sentence import sentence


class Question(NamedTuple):
    """A command that makes the tool name its own default, and where in its output that stands.

    `pattern` is a regular expression with one group; without it the whole output, stripped, is meant.
    """

    argv: tuple[str, ...]
    pattern: str | None = None


class Part(NamedTuple):
    """Another file of a tool's that a switch has to write, and what stands in it then.

    One that is only written where the tool was asked for by `name` stays with the switches after that.
    """

    layer: Layer
    settings: Settings
    name: bool = False


class Besides(NamedTuple):
    """What has to be set besides a profile's settings, why, in sentences, and which keys stay the user's.

    `parts` are other files. One that an earlier switch wrote and that isn't among them is given back.
    """

    settings: Settings = NOTHING
    notes: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


class Case(NamedTuple):
    """A switch, as far as one tool's own file goes.

    `text` is the file and `own` all layers as the user has them, without anything of a profile's; `after` is
    what comes of `settings` alone. `mirrors` are what the built-in profiles say of this tool, read only when
    they are called for.
    """

    text: str
    own: Sequence[Reading]
    after: Sequence[Reading]
    settings: Settings
    mirrors: Callable[[], Sequence[Settings]]


class Writer(Protocol):
    """What mirrorcfg knows of one tool."""

    TOOL: Tool
    KEYS: Mapping[str, Key]  # what its table in a profile may say

    def layers(self, machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
        """Every place the tool reads, weak to strong; the one that `scope` writes is the target.

        Without a scope it is the tool's natural one. None is the target where the tool has no such scope.
        """

    def read(self, text: str) -> Mapping[str, Value]:
        """The settings in a file's text, in the tool's own words. Raises FormatError."""

    def edit(self, text: str, settings: Settings, past: Past | None = None) -> str:
        """`text` with the managed keys set to exactly what `settings` says (empty: the tool's default).

        With the file's `past`, what an earlier profile set and this one doesn't speak of goes back.
        Besides the tool's KEYS, `settings` may have `ca-file`: a CA to trust for these sources.
        """

    def revert(self, text: str, left: str, target: str) -> str:
        """`text` with those managed keys that differ between `left` and `target` as `target` has them."""

    def give_way(self, text: str, settings: Settings) -> str:
        """The text of a file that `gives_way`, without what would keep `settings` from being asked.

        Nothing of the user's own goes: what no profile can be meant by stays, and is seen in what is asked.
        """

    def besides(self, case: Case) -> Besides:
        """What has to be set with a profile's settings for them to be asked, and the user's own to stay."""

    def effective(self, readings: Sequence[Reading]) -> Effective:
        """What the tool makes of all its layers, weak to strong."""

    def sources(self, settings: Settings) -> tuple[Source, ...]:
        """The addresses that the tool will ask."""

    def environment(self, settings: Settings) -> Mapping[str, str | None]:
        """Variables that steer the tool as `settings` does, as far as variables can; None: not to be set.

        A key that variables can't say has none here; what is left is seen in the effective settings.
        """

    def ca_file(self, machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
        """Where the tool has a CA for one host alone (`HOST[:PORT]`), None if it knows no such place.

        `scope` means the same as for `layers`.
        """

    def client(self, readings: Sequence[Reading], machine: Machine) -> Client:
        """How the tool goes to the network, with these layers on this machine."""

    def questions(self, machine: Machine) -> Mapping[str, Question]:
        """How to learn the tool's own default of a key, for those keys that can be set to it."""


def environment(settings: Settings) -> Mapping[str, str | None]:
    """For a writer to take over whose tool has no variable for a source."""
    return {}


def questions(machine: Machine) -> Mapping[str, Question]:
    """The same, where a tool without a source asks upstream, and no weaker layer could hold another."""
    return {}


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """The same, of a tool that knows no place for the CA of one host."""
    return None


def give_way(text: str, settings: Settings) -> str:
    """A writer's own, for a tool of which no other file has to."""
    return text


def besides(case: Case) -> Besides:
    """A writer's own, for a tool that asks just what it is told to."""
    return Besides()


@cache
def names() -> tuple[str, ...]:
    """The tools there is a writer for, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def writer(tool: str) -> Writer:
    """The writer of `tool`, which must be one of `names()`."""
    return cast(Writer, importlib.import_module(f"{__name__}.{tool}"))


def catalogue() -> Mapping[str, Mapping[str, Key]]:
    """The keys that a profile may give each tool."""
    return {tool: writer(tool).KEYS for tool in names()}


def known(tool: str) -> str:
    """`tool`, checked. Raises UsageError with the nearest right name."""
    if tool in names():
        return tool
    import difflib

    near = difflib.get_close_matches(tool, names(), 1)
    tools = ", ".join(names())
    hint = (
        sentence("did you mean {tool}?", tool=near[0])
        if near
        else sentence("the tools are: {tools}", tools=tools)
    )
    raise UsageError("unknown-tool", sentence("There is no tool called {tool}.", tool=tool), hint=hint)
