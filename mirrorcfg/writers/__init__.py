"""One tool, one module; `Writer` is what each of them offers, and a new file here is a new tool.

Writers are pure: they name paths, read texts and return texts. No file is opened, no process started.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Key, Settings, Value


@dataclass(frozen=True)
class Past:
    """What a file was before mirrorcfg first touched it, and as it left it last; None: never touched.

    With it an `edit` can put back what an earlier profile set and the new one doesn't speak of.
    """

    origin: str
    left: str


class Writer(Protocol):
    """What mirrorcfg knows of one tool."""

    TITLE: str
    PROGRAMS: tuple[str, ...]  # the tool is here if one of these is on PATH
    KEYS: Mapping[str, Key]  # what its table in a profile may say
    FOLLOWS: str | None  # without a table of its own it gets what this tool gets
    LOCALE: bool  # the tool reads its file in the locale's encoding rather than UTF-8

    def layers(self, machine: Machine) -> tuple[Layer, ...]:
        """Every place the tool reads, weak to strong; those with a scope can be written."""

    def target(self, machine: Machine, scope: str | None) -> Layer | None:
        """The one file to write for `scope` (None: the tool's natural one), or None where it has none."""

    def read(self, text: str) -> Mapping[str, Value]:
        """The settings in a file's text, in the tool's own words. Raises FormatError."""

    def edit(self, text: str, settings: Settings, past: Past | None = None) -> str:
        """`text` with the managed keys set to exactly what `settings` says (empty: the tool's default)."""

    def revert(self, text: str, left: str, target: str) -> str:
        """`text` with those managed keys that differ between `left` and `target` as `target` has them."""

    def effective(self, readings: Sequence[Reading]) -> Effective:
        """What the tool makes of all its layers, weak to strong."""

    def sources(self, settings: Settings) -> tuple[Source, ...]:
        """The addresses that the tool will ask."""


@cache
def names() -> tuple[str, ...]:
    """The tools there is a writer for, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def writer(tool: str) -> Writer:
    """The writer of `tool`, which must be one of `names()`."""
    module: Writer = importlib.import_module(f"{__name__}.{tool}")
    return module
