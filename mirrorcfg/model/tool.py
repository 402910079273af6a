"""What there is to know of a tool besides its settings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mirrorcfg.model.lock import Lock


class Folder(NamedTuple):
    """A source that is no more than a folder of files.

    `words` make the tool's program name the files that it would take, `pattern` is how one of those names
    stands in its output: a regular expression with one group.
    """

    words: tuple[str, ...]
    pattern: str


class Tool(NamedTuple):
    """A tool's programs (it is here if one is on PATH, or in its `places`), and its ways.

    One that `follows` another gets, without a table of its own in a profile, what that one gets. One with
    `locale` reads its file in the locale's encoding rather than in UTF-8; one that `expands` opens variables
    (`$NAME`) in what stands there. One that is `alone` starts no other tool that downloads. `images` are what
    it fetches, and one that is `path_first` puts a mirror's path before the API's; one with an `engine` pulls
    them by its first program, and those are the variables that say where to and how. `lock` is what a
    project keeps of where all came from; `folders` are those of its sources, by role, that speak no protocol.
    What its settings can have it trust is in `trusts`: `ca-file`, the certificates in a file (or, by host, in
    a folder); `system-store`, what the system does. `names` are patterns of what its file may be called where
    that is for its user to say.
    """

    programs: tuple[str, ...]
    follows: str | None = None
    locale: bool = False
    alone: bool = False
    places: tuple[str, ...] = ()
    expands: bool = False
    images: bool = False
    path_first: bool = False
    engine: tuple[str, ...] = ()
    lock: Lock | None = None
    trusts: tuple[str, ...] = ("ca-file",)
    folders: Mapping[str, Folder] = MappingProxyType({})
    names: tuple[str, ...] = ()
