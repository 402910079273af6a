"""The profiles that one machine has, by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import ProfileError
from mirrorcfg.model.profile import Profile
from mirrorcfg.profiles.check import Catalogue
from mirrorcfg.profiles.draft import draft
from mirrorcfg.profiles.load import load, outline, template
from mirrorcfg.profiles.search import SUFFIX, Directory, Found, files, find, names


class Entry(NamedTuple):
    """A profile's file, and its template or what is wrong with it."""

    found: Found
    profile: Profile | None
    error: ProfileError | None


class Library(NamedTuple):
    """Where profiles are, what a tool's table in one may say, and the home that a path may begin with."""

    catalogue: Catalogue
    directories: Sequence[Directory]
    home: Path | None = None

    def load(self, name: str, variables: Mapping[str, str] | None = None) -> Profile:
        """The profile called `name`, or in the file `name`, ready to use. Raises ProfileError."""
        return load(name, variables or {}, self.catalogue, self.directories, self.home)

    def template(self, name: str) -> Profile:
        """The same with its variables as they stand. Raises ProfileError."""
        return template(name, self.catalogue, self.directories, self.home)

    def taken(self, name: str, variables: Mapping[str, str]) -> Mapping[str, str]:
        """Those of these variables that the profile has. Raises ProfileError."""
        known = draft(self.find(name), self.catalogue, self.directories).variables if variables else {}
        return {each: value for each, value in variables.items() if each in known}

    def find(self, name: str) -> Found:
        """Its file. Raises ProfileError."""
        return find(name, self.directories, self.home)

    def public(self, host: str) -> bool:
        """Whether a built-in profile names this host: it is that of a public mirror, by whatever profile."""
        folders = [each.path for each in self.directories if each.layer == "builtin"]
        texts = (path.read_text("utf-8") for folder in folders for path in folder.glob(f"*{SUFFIX}"))
        return any(f"//{host}/" in text for text in texts)

    def names(self) -> tuple[str, ...]:
        """The names there are, told by the files alone."""
        return names(self.directories)

    def called(self) -> tuple[str, ...]:
        """All that a profile may be called: the names there are, and the aliases."""
        from mirrorcfg.profiles import nickname

        return tuple(sorted({*self.names(), *(alias for alias, _ in nickname.aliases(self.directories))}))

    def every(self) -> Iterator[Entry]:
        """Every profile that a name stands for, by name, read one at a time; a broken one has its error."""
        for found in files(self.directories):
            try:
                profile = outline(draft(found, self.catalogue, self.directories), self.catalogue)
                yield Entry(found, profile, None)
            except ProfileError as error:
                yield Entry(found, None, error)
