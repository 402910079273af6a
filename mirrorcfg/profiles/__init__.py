"""Finds, reads and checks profiles: the TOML files that name the source of each tool.

What keys a tool's table may have is the caller's to say (`Catalogue`), so a new tool changes nothing here.
Everything raises ProfileError alone, with the file, the line and the key. What only `profile new` needs is in
`compose`.
"""

from __future__ import annotations

from mirrorcfg.profiles.check import Catalogue
from mirrorcfg.profiles.load import load, template
from mirrorcfg.profiles.search import (
    SUFFIX,
    Directory,
    Found,
    builtin,
    files,
    find,
    names,
    passed_over,
    search_path,
)

__all__ = [
    "SUFFIX",
    "Catalogue",
    "Directory",
    "Found",
    "builtin",
    "files",
    "find",
    "load",
    "names",
    "passed_over",
    "search_path",
    "template",
]
