"""`profile edit`: a profile of one's own in the editor; one that isn't is copied first."""

from __future__ import annotations

from mirrorcfg.errors import ProfileError
from mirrorcfg.host import Host
from mirrorcfg.model.profile import is_name
from mirrorcfg.model.result import Result
from mirrorcfg.ops import draft
from mirrorcfg.ops.shelf.directories import Whose, shelf
from mirrorcfg.ops.shelf.profile import Made
from mirrorcfg.profiles.document import read
from mirrorcfg.profiles.origin import judged
from mirrorcfg.sentence import sentence


def edit(host: Host, name: str, whose: Whose, again: draft.Again | None) -> Result[Made]:
    """Have a profile edited. What comes back broken is offered again, or the old one stays.

    Raises ProfileError for what is still broken then, and for another name in it; ProgramError.
    """
    found, place = host.profiles.find(name), shelf(host, whose)
    if not is_name(name):
        what = sentence("{name} is a file; edit it where it is.", name=name)
        raise ProfileError("profile-elsewhere", what, path=str(found.path), hint="mirrorcfg ls")
    file = place.file(name)
    own = place.read(file)
    before = read(found).text.encode() if own is None else own

    def check(data: bytes) -> None:
        """Is it right, and called what it was?"""
        directory, known = place.directory, host.profiles
        profile = judged(data, str(file), directory, known.catalogue, known.directories)
        if profile.name != name:
            what = sentence("The profile calls itself {name}, and not {stem}.", name=profile.name, stem=name)
            raise ProfileError("profile-name", what, path=str(file), hint=f'name = "{name}"')

    after = draft.edited(before, file.name, place.user, check, again)
    if after is not None:
        place.put(file, after)
    text = (before if after is None else after).decode()
    data = Made(after is not None, name, str(file), text)
    return Result("profile edit", data, "ok" if data.changed else "unchanged")
