"""A profile's CA where docker and podman look for one, by host: certs.d/HOST[:PORT]/ca.crt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from mirrorcfg import writers
from mirrorcfg.errors import FormatError, MirrorcfgError, PermissionDeniedError
from mirrorcfg.formats import pem
from mirrorcfg.formats.past import Past
from mirrorcfg.host import Host, tools
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.plan import Change
from mirrorcfg.model.profile import Profile
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import pasted

_LIMIT = 1 << 20  # bytes; the bundle of a whole system has a quarter of it


def changes(
    host: Host, tool: str, profile: Profile, scope: Scope | None, head: Generation | None, *, leave: bool
) -> tuple[Change, ...]:
    """The CA for every registry that the profile names, and none where an earlier generation put one.

    With `leave`, what earlier generations put there stays. Raises MirrorcfgError for a CA file that can't
    be used.
    """
    scope = "system" if host.root is not None else scope
    wanted = _wanted(host, tool, profile, scope)
    bundle = _bundle(host, profile.ca_file, profile.called) if wanted and profile.ca_file else None
    earlier = () if leave or head is None else _earlier(host, tool, scope, head)
    found = [
        _change(host, tool, path, bundle if path in wanted else None, head)
        for path in {**wanted, **dict.fromkeys(earlier)}
    ]
    return tuple(change for change in found if change.path in wanted or change.action != "unchanged")


def reverted(raw: bytes | None, left: bytes | None, target: bytes | None) -> bytes | None:
    """A file that others edited too, with our certificates as `target` has them; None is no file."""
    text = pem.revert(_text(raw), _text(left), _text(target))
    return None if target is None and not text else _raw(text)


def drifted(raw: bytes | None, left: bytes | None) -> bool:
    """Has someone taken certificates out that mirrorcfg left there?"""
    return not pem.holds(_text(raw), _text(left))


def _wanted(host: Host, tool: str, profile: Profile, scope: Scope | None) -> dict[Path, None]:
    """Also those of the tools beside it: `mirrorcfg image` gives their names to whoever pulls."""
    places = dict.fromkeys(urlsplit(url).netloc for url in _registries(profile)) if profile.ca_file else ()
    paths = [writers.writer(tool).ca_file(host.machine, place, scope) for place in places]
    return dict.fromkeys(host.real(path) for path in paths if path is not None)


def _registries(profile: Profile) -> Iterator[str]:
    for tool in tools.of_images():
        offer = tools.offer(profile, tool)
        if offer is not None:
            yield from (source.url for source in writers.writer(tool).sources(offer.settings))


def _earlier(host: Host, tool: str, scope: Scope | None, head: Generation) -> Iterator[Path]:
    for path in (Path(name) for name, kept in head.files.items() if kept.tool == tool):
        place = writers.writer(tool).ca_file(host.machine, path.parent.name, scope)
        if place is not None and host.real(place) == path:
            yield path


def _change(host: Host, tool: str, path: Path, bundle: bytes | None, head: Generation | None) -> Change:
    user = host.rights(path)
    before = host.store.read(path, user)
    kept = head.files.get(str(path)) if head else None
    origin, left = host.store.images(kept.origin, kept.after) if kept else (None, None)
    past = Past(_text(origin), _text(left)) if kept else None
    text = pem.edit(_text(before), None if bundle is None else _text(bundle), past)
    return Change(tool, path, before, _raw(text) if text or origin is not None else None, user=user)


def _bundle(host: Host, name: str, profile: str) -> bytes:
    """The CA file's content; with a root that of the image, if it has one."""
    path = host.real(PurePath(name))
    try:
        raw = host.read(path, _LIMIT)
        if raw is None and host.root is not None:
            raw = host.read(path := Path(name), _LIMIT)
        if raw is None:
            what = sentence("The profile's ca-file {path} can't be read: no such file.", path=path)
            show = pasted("profile", "show", profile)
            raise MirrorcfgError("ca-file-missing", what, path=str(path), hint=show)
        pem.check(_text(raw))
    except FormatError as error:
        what = sentence("The profile's ca-file {path} is no use. {why}", path=path, why=error.what)
        raise MirrorcfgError(error.code, what, path=str(path), hint=error.hint) from None
    except PermissionDeniedError:
        what = sentence("The profile's ca-file {path} can't be read by this user.", path=path)
        hint = f"ls -l {path}"
        raise PermissionDeniedError("ca-file-unreadable", what, path=str(path), hint=hint) from None
    return _raw(pem.bare(_text(raw)))  # what stands around them is nobody's business


def _text(raw: bytes | None) -> str:
    """Every byte a character: what stands around a certificate may be in any encoding."""
    return (raw or b"").decode("latin-1")


def _raw(text: str) -> bytes:
    return text.encode("latin-1")
