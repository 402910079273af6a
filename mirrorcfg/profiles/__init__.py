"""Finds, reads and checks profiles: the TOML files that name the source of each tool.

What keys a tool's table may have is the caller's to say (`Catalogue`), so a new tool changes nothing here.
Everything raises ProfileError alone, with the file, the line and the key.
"""

from __future__ import annotations

from mirrorcfg.profiles.check import Catalogue
from mirrorcfg.profiles.compose import new
from mirrorcfg.profiles.listing import Entry, every
from mirrorcfg.profiles.load import load, template
from mirrorcfg.profiles.search import Directory, Found, find, names, search_path

__all__ = [
    "Catalogue",
    "Directory",
    "Entry",
    "Found",
    "every",
    "find",
    "load",
    "names",
    "new",
    "search_path",
    "template",
]
