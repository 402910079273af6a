"""What a change is about to do, written down before it does it, so that it can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from mirrorcfg.errors import RecoveryError
from mirrorcfg.files.disk import Disk
from mirrorcfg.files.place import Attributes
from mirrorcfg.model.plan import User
from mirrorcfg.sentence import sentence
from mirrorcfg.store import sealed

NAME = "journal"
_HEX = frozenset("0123456789abcdef")


class Entry(NamedTuple):
    """One file of the change; hashes are SHA-256 in hex, None is no file.

    Paths are those that the system itself uses, without the root that it may be installed under.

    `made` is how many directories above the file are made for it, or were and go with it; they are taken
    away where they are left empty.
    """

    tool: str
    path: Path
    real: Path
    before: str | None
    after: str | None
    in_place: bool = False
    made: int = 0
    attributes: Attributes | None = None
    user: User | None = None
    between: str | None = None


class Names(NamedTuple):
    """The temporary files of a change beside one file.

    `spare` is where the new content waits, and then the old one until all is done; `back` is where a
    recovery puts the old content together, if it is nowhere else. A content that stands there on the way
    waits at `passed`, which then has what it displaced, and on the way back at `waiting`.
    """

    spare: Path
    back: Path
    passed: Path
    waiting: Path


class Journal(NamedTuple):
    """The change that is to become that generation; `token` is in the names of its temporary files."""

    generation: int
    token: str
    entries: tuple[Entry, ...]

    def spare(self, actual: Path) -> Path:
        """Where the new content of a file waits, and then the old one until all is done."""
        return self.names(actual).spare

    def names(self, actual: Path) -> Names:
        """The temporary files beside a file."""
        stem = f".{actual.name[:50]}.mirrorcfg-{self.token}"
        return Names(*(actual.with_name(stem + end) for end in ("", "-back", "-passed", "-waiting")))


def write(disk: Disk, directory: Path, journal: Journal) -> None:
    """Write it durably. Raises OSError."""
    entries = [_encoded(entry) for entry in journal.entries]
    content = {"version": 1, "generation": journal.generation, "token": journal.token, "entries": entries}
    sealed.save(disk, directory / NAME, content)


def exists(disk: Disk, directory: Path) -> bool:
    """Whether a change was left unfinished, or is under way. Raises OSError."""
    return disk.lstat(directory / NAME) is not None


def read(disk: Disk, directory: Path) -> Journal | None:
    """The journal that is there. Raises RecoveryError if it can't be believed, and OSError."""
    place = directory / NAME
    if not exists(disk, directory):
        return None
    try:
        return _decoded(sealed.unseal(disk.read(place)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = sentence(
            "the journal of an interrupted change is damaged ({why}); nothing was touched",
            why=next(iter(error.args), ""),
        )
        hint = sentence(
            "look at the files that mirrorcfg manages, then move it away: mv {path} {path}.bad", path=place
        )
        raise RecoveryError("journal-damaged", what, path=str(place), hint=hint) from error


def remove(disk: Disk, directory: Path) -> None:
    """Take the journal away; not durable before the directory is. Raises OSError."""
    disk.unlink(directory / NAME)


def _encoded(entry: Entry) -> dict[str, object]:
    attributes, user = entry.attributes, entry.user
    return {
        "tool": entry.tool,
        "path": str(entry.path),
        "real": str(entry.real),
        "before": entry.before,
        "after": entry.after,
        "in_place": entry.in_place,
        "made": entry.made,
        "look": None if attributes is None else [attributes.mode, attributes.uid, attributes.gid],
        "user": None if user is None else [user.uid, user.gid, *user.groups],
        "between": entry.between,
    }


def _decoded(content: Any) -> Journal:
    if content["version"] != 1:
        raise ValueError(
            sentence("version {version} is not known to this mirrorcfg", version=content["version"])
        )
    token = str(content["token"])
    if not token or not _HEX.issuperset(token):
        raise ValueError(sentence("the names of the temporary files are not mirrorcfg's"))
    entries = tuple(_entry(item) for item in content["entries"])
    return Journal(int(content["generation"]), token, entries)


def _entry(item: Any) -> Entry:
    kept, user = item["look"], item["user"]
    return Entry(
        tool=str(item["tool"]),
        path=_path(item["path"]),
        real=_path(item["real"]),
        before=_hash(item["before"]),
        after=_hash(item["after"]),
        in_place=bool(item["in_place"]),
        made=int(item["made"]),
        attributes=None if kept is None else Attributes(int(kept[0]), int(kept[1]), int(kept[2])),
        user=None if user is None else User(int(user[0]), int(user[1]), tuple(map(int, user[2:]))),
        between=_hash(item.get("between")),
    )


def _path(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute() or ".." in path.parts or not path.name:
        raise ValueError(sentence("{text} is not the path of a file", text=text))
    return path


def _hash(text: str | None) -> str | None:
    if text is not None and (len(text) != 64 or not _HEX.issuperset(text)):
        raise ValueError(sentence("{text} is not a hash", text=text))
    return text
