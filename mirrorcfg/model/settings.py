"""What a profile may say about a tool, and what it does say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

Value = str | bool | tuple[str, ...] | Mapping[str, str]
"""A setting: one address or path, a switch, a list of addresses, or addresses by name."""

Settings = Mapping[str, Value]
"""Profile keys (`index-url`) to values; a key that isn't there is not set by the profile."""


NOTHING: Settings = MappingProxyType({})
"""No setting at all."""


class Kind(Enum):
    """What sort of value a key takes; profiles are checked by it."""

    URL = "url"
    URLS = "urls"
    URL_MAP = "url-map"
    LINKS = "links"  # https URLs, or paths of directories
    NAMES = "names"
    PATH = "path"
    FLAG = "flag"
    PROJECT = "project"
    IMAGE = "image"


class Key(NamedTuple):
    """One key that a tool's table in a profile may have.

    An `always` key is cleared when a profile doesn't name it; any other is then left alone. A key that is
    `aside` stands in none of the tool's files: it is for mirrorcfg's own use. In a `slashless` one a slash at
    the end of an address says nothing, and is left out.
    """

    kind: Kind
    help: str
    always: bool = False
    aside: bool = False
    slashless: bool = False
    query: bool = False  # may the URL carry a query or a fragment
    example: Value | None = None  # for a new profile, below the variable `host`


class Offer(NamedTuple):
    """What one profile says about one tool: settings, the tool's own default, or why there is none."""

    settings: Settings = NOTHING
    default: bool = False
    unavailable: str | None = None
