"""What a profile is called as well on a command line: by its aliases, or by an address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from mirrorcfg.errors import ProfileError
from mirrorcfg.profiles import address
from mirrorcfg.profiles.search import SUFFIX, Directory, Found, files
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import listed, pasted, shown


def aliases(directories: Sequence[Directory]) -> Iterator[tuple[str, Found]]:
    """Every alias, and whose it is; those of a file that can't be read are not known."""
    from mirrorcfg.profiles.document import read

    for found in files(directories):
        with suppress(ProfileError):
            said = read(found).content.get("aliases")
            yield from ((alias, found) for alias in (said if isinstance(said, list) else ()))


def known_as(alias: str, directories: Sequence[Directory]) -> Found | None:
    """The profile that is called so, too; of several that of the directory that wins.

    Raises ProfileError `ambiguous-profile` where it isn't told by that either.
    """
    each = [found for name, found in aliases(directories) if name == alias]
    order = [directory.layer for directory in directories]
    first = min((order.index(found.layer) for found in each), default=0)
    meant = [found for found in each if order.index(found.layer) == first]
    if len(meant) > 1:
        names = listed(found.name for found in meant)
        what = sentence("{alias} may be any of {names}.", alias=shown(alias), names=names)
        raise ProfileError("ambiguous-profile", what, path=str(meant[1].path), hint="mirrorcfg ls")
    return meant[0] if meant else None


def text(found: Found) -> str:
    """The profile at an address as if somebody had written it."""
    return f'schema = 1\nname = "{found.name}"\n\n[pip]\nindex-url = "{found.address}"\n'


def at(wanted: str) -> Found:
    """The profile that an address stands for: an index of Python packages, named by its host.

    Raises ProfileError where it is that of a profile's file, or is none that a source may have.
    """
    if wanted.endswith(SUFFIX):
        what = "That is the address of a profile, which is looked at and stored before it is used."
        raise ProfileError("profile-is-an-address", what, hint=pasted("profile", "add", wanted))
    if wrong := address.url(wanted, query=False):
        raise ProfileError(wrong.code, wrong.what, hint=wrong.hint)
    host = re.sub("[^a-z0-9]+", "-", urlsplit(wanted).netloc.lower()).strip("-")[:64]
    return Found(host, Path(wanted), "address", address=wanted)
