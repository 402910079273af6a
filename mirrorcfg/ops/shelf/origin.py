"""`profile add`, `update` and `remove`: profiles from elsewhere, each pinned to bytes that were looked at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import interruption, profiles
from mirrorcfg.errors import Exit, MirrorcfgError, ProfileError, UsageError, cancelled
from mirrorcfg.host import Host
from mirrorcfg.model.profile import Profile, is_name
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.ops.shelf import download, provenance
from mirrorcfg.ops.shelf.directories import SHELVES, Shelf, Whose, shelf
from mirrorcfg.ops.shelf.incoming import Incoming, Preview, Stored, left, outcome
from mirrorcfg.profiles.document import parse
from mirrorcfg.profiles.origin import Origin, beside, digest, is_digest, judged
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import pasted


class Updated(NamedTuple):
    """What became of each profile that was added from somewhere."""

    changed: bool
    profiles: Sequence[Stored]


def add(
    host: Host,
    source: str,
    preview: Preview,
    *,
    pin: str | None = None,
    whose: Whose = "user",
    ca_file: Path | None = None,
    timeout: float | None = None,
    force: bool = False,
) -> Result[Stored]:
    """Store the profile at an https address or in a file, once it has the hash that `pin` says, and is right.

    One that has the name of a profile that comes with mirrorcfg takes its place only with `force`.

    An address without a pin is shown and not stored: Result `failed`, its finding names the hash. Raises
    MirrorcfgError: a code of the verifier's, `pin-differs`, `profile-edited`, and those of a profile.
    """
    place, url = shelf(host, whose), download.url(source)
    trusted = None if ca_file is None else str(ca_file.absolute())
    data = download.got(host, url, place.user, trusted, timeout)
    origin = Origin(url, digest(data), _now(), trusted)
    _match(origin, pin)
    profile = _judged(host, place, origin, data)
    if not force and (profiles.builtin() / f"{profile.name}{profiles.SUFFIX}").is_file():
        name = profile.name
        what = sentence("The profile calls itself {name}, which is one that comes with mirrorcfg.", name=name)
        hint = provenance.adding(origin, whose, "--force")
        raise UsageError("profile-is-builtin", what, path=url, hint=hint)
    origin = origin._replace(bases=_bases(host, place, profile, data))
    incoming = Incoming(place, Path(profile.origin), origin, data)
    if pin is None and url.startswith("https:"):
        entry = incoming.entry("none")
        preview(entry.diff, None)
        what = "Nothing was stored: an address needs the SHA-256 of what is expected there."
        hint = provenance.adding(origin, whose)
        missing = Finding("pin-missing", what, hint, None, url)
        return Result("profile add", entry, "failed", Exit.USAGE, [missing])
    if incoming.stored():
        return Result("profile add", incoming.entry("unchanged"), "unchanged")
    entry = incoming.entry("created" if place.read(incoming.file) is None else "changed")
    if incoming.agreed(entry, preview, sentence("Store it as {path}?", path=incoming.file)) is False:
        raise cancelled()
    incoming.store()
    return Result("profile add", entry, findings=_hidden(host, profile, whose))


def update(
    host: Host, name: str | None, preview: Preview, *, pin: str | None = None, timeout: float | None = None
) -> Result[Updated]:
    """Ask the origin of a profile, or of all that have one, again.

    What has changed there is shown, and stored only if `pin` is its hash, or a person says yes to it. Result
    `failed` where one waits for that. Raises MirrorcfgError.
    """
    if name is None and pin is not None:
        hint = "mirrorcfg profile update NAME --sha256 HEX"
        raise UsageError("bad-option", "--sha256 is the hash of one profile, and none was named.", hint=hint)
    entries: list[Stored] = []
    findings: list[Finding] = []
    end = time.monotonic() + host.patience(timeout)
    for place, file, origin in _added(host, name):
        left = max(0.1, end - time.monotonic())
        entry, finding = _updated(host, place, file, origin, preview, pin, left)
        entries.append(entry)
        findings += [finding] if finding else []
    changed = any(entry.changed for entry in entries)
    data = Updated(changed, entries)
    if findings:
        return Result("profile update", data, "failed", Exit.NOT_IN_EFFECT, findings)
    return Result("profile update", data, "ok" if changed else "unchanged")


def remove(
    host: Host, name: str, preview: Preview, *, whose: Whose = "user", force: bool = False
) -> Result[Stored]:
    """Take a profile off that shelf. Raises MirrorcfgError: `profile-in-use` without `force`."""
    place = shelf(host, whose)
    file = place.file(name)
    data = place.read(file) if is_name(name) else None
    if data is None:
        raise _elsewhere(host, name, whose)
    head = host.store.head()
    files = head.files.values() if head else ()
    using = dict.fromkeys(kept.tool for kept in files if kept.profile == name)
    if using and not force:
        what = sentence(
            "The profile {name} is what {tools} was switched to.", name=name, tools=", ".join(using)
        )
        hint = "switch to another one first; --force removes it, and leaves the tools as they are"
        raise MirrorcfgError("profile-in-use", what, path=str(file), hint=hint)
    entry = outcome(file, place.origin(file), "removed", data, None)
    if preview(entry.diff, sentence("Remove {path}?", path=file)) is False:
        raise cancelled()
    with interruption.held():
        place.remove(file)
        place.remove(beside(file))
        interruption.did(sentence("the profile {name} was removed", name=name))
    return Result("profile remove", entry)


def _updated(
    host: Host,
    place: Shelf,
    file: Path,
    origin: Origin,
    preview: Preview,
    pin: str | None,
    timeout: float,
) -> tuple[Stored, Finding | None]:
    data = download.got(host, origin.url, place.user, origin.ca_file, timeout)
    came = origin._replace(sha256=digest(data), time=_now())
    _match(came, pin)
    incoming = Incoming(place, file, came, data)
    if came.sha256 == origin.sha256:
        return incoming.entry("unchanged"), None
    profile = _judged(host, place, came, data)
    incoming = incoming._replace(origin=came._replace(bases=_bases(host, place, profile, data)))
    name = file.stem
    if profile.name != name:
        other = profile.name
        what = sentence(
            "The profile {name} has another name at its origin now: {other}.", name=name, other=other
        )
        raise ProfileError(
            "origin-renamed", what, path=came.url, hint=provenance.adding(came, place.directory.layer)
        )
    entry = incoming.entry("changed")
    agreed = incoming.agreed(entry, preview, sentence("Take this as {name} from now on?", name=name))
    if agreed or (pin is not None and agreed is None):
        incoming.store()
        return entry, None
    what = sentence("The profile {name} is another one at its origin now; it was left as it is.", name=name)
    hint = pasted("profile", "update", name, "--sha256", came.sha256)
    return left(entry), Finding("pin-differs", what, hint, None, came.url)


def _added(host: Host, name: str | None) -> list[tuple[Shelf, Path, Origin]]:
    """The profiles that have an origin: that of `name`, or all. Raises UsageError, ProfileError."""
    found = []
    for place in (shelf(host, whose) for whose in SHELVES):
        for each in profiles.files((place.directory,)):
            if name in (None, each.name) and (origin := place.origin(each.path)) is not None:
                found.append((place, each.path, origin))
    if name is None or found:
        return found[:1] if name else found
    host.profiles.find(name)
    what = sentence("The profile {name} was not added from anywhere.", name=name)
    raise UsageError("no-origin", what, hint="mirrorcfg profile add URL --sha256 HEX")


def _judged(host: Host, place: Shelf, origin: Origin, data: bytes) -> Profile:
    return judged(data, origin.url, place.directory, host.profiles.catalogue, host.profiles.directories)


def _bases(host: Host, place: Shelf, profile: Profile, data: bytes) -> dict[str, str]:
    """What it is built upon, if it stood in its place already."""
    found = profiles.Found(profile.name, Path(profile.origin), place.directory.layer, place.root)
    return provenance.bases(host, parse(data, found))


def _match(origin: Origin, pin: str | None) -> None:
    """Raises MirrorcfgError unless `pin`, if there is one, is the hash of what came."""
    if pin is None or pin.lower() == origin.sha256:
        return
    if not is_digest(pin.lower()):
        raise UsageError("bad-option", "--sha256 takes 64 hexadecimal digits.", hint="sha256sum FILE")
    digest = origin.sha256
    what = sentence(
        "What is there has the SHA-256 {digest}, which is not the one that was given.", digest=digest
    )
    hint = "ask whoever gave you the hash; without --sha256 it is shown and not stored"
    raise MirrorcfgError("pin-differs", what, path=origin.url, hint=hint)


def _hidden(host: Host, profile: Profile, whose: Whose) -> list[Finding]:
    """A note where another profile of that name hides this one, or is hidden by it."""
    others = [
        Path(each.path, f"{profile.name}{profiles.SUFFIX}")
        for each in host.profiles.directories
        if each.layer != whose
    ]
    there = [path for path in others if path.is_file()]
    if not there:
        return []
    first = host.profiles.find(profile.name)
    if str(first.path) != profile.origin:
        name = profile.name
        what = sentence("Another profile named {name} hides it, and is what that name stands for.", name=name)
        return [Finding("profile-hidden", what, pasted("profile", "show", name), None, str(first.path))]
    what = sentence("It hides another profile named {name}.", name=profile.name)
    remove = shelf(host, whose).command("remove", profile.name)
    return [Finding("profile-hides", what, remove, None, str(there[-1]))]


def _elsewhere(host: Host, name: str, whose: Whose) -> MirrorcfgError:
    """The error for a profile that isn't on this shelf."""
    found = host.profiles.find(name)
    system = found.layer == "system"
    remove = pasted("profile", "remove", name, "--scope", "system", sudo=True)
    hint = remove if system else "mirrorcfg ls"
    what = sentence("The profile {name} is not in the user's directory.", name=name)
    if whose == "system":
        what = sentence("The profile {name} is not in the system's directory.", name=name)
    return ProfileError("profile-elsewhere", what, path=str(found.path), hint=hint)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
