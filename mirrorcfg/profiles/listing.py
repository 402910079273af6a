"""All profiles there are, the broken ones too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mirrorcfg.errors import ProfileError
from mirrorcfg.model.profile import Profile
from mirrorcfg.profiles.check import Catalogue
from mirrorcfg.profiles.draft import draft
from mirrorcfg.profiles.load import outline
from mirrorcfg.profiles.search import Directory, Found, files


class Entry(NamedTuple):
    """A profile's file, and its template or what is wrong with it."""

    found: Found
    profile: Profile | None
    error: ProfileError | None


def every(catalogue: Catalogue, directories: Sequence[Directory]) -> Iterator[Entry]:
    """Every profile that a name stands for, by name, read one at a time; a broken one has its error."""
    for found in files(directories):
        try:
            yield Entry(found, outline(draft(found, catalogue, directories), catalogue), None)
        except ProfileError as error:
            yield Entry(found, None, error)
