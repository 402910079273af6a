"""A registry's place as podman has it: a name, as an image's begins with it, and no address.

Source of the rules: containers-registries.conf(5), and the "reference" package of the distribution project,
by which podman makes the image's new name; each tried on podman 4.3 and 5.4. With a location that makes no
name nothing of the whole prefix can be pulled, or the mirror is passed over without a word.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mirrorcfg.errors import CannotSayError, UsageError
from mirrorcfg.model.reference import parse
from mirrorcfg.sentence import sentence

_SOME = "library/hello"


def spelt(url: str) -> str:
    """The location that says an address. Raises CannotSayError."""
    parts = urlsplit(url)
    location = f"{parts.netloc}{parts.path.rstrip('/')}"
    if parts.scheme == "https" and not parts.query and not parts.fragment and is_name(location):
        return location
    bare, port = (parts.hostname or "").rstrip("."), f":{parts.port}" if parts.port else ""
    better = [f"{bare}{port}{parts.path}", f"{bare}:443{parts.path}"]
    known = next((f"https://{each}" for each in better if is_name(each.rstrip("/"))), None)
    what = sentence(
        "podman has no words for {url}: a location there is the beginning of an image's name, a host with a"
        " dot or a port, and parts in lower case.",
        url=url,
    )
    raise CannotSayError("cannot-say", what, hint=known and sentence("write it as {url}", url=known))


def address(location: str) -> str:
    """The address that a location means."""
    return f"https://{location}"


def is_name(location: str) -> bool:
    """Can an image's name begin so? podman knows no IPv6 there, though newer docker does."""
    place, _, path = location.partition("/")
    try:
        found = parse(f"{location}/{_SOME}")
    except UsageError:
        return False
    return found.path == "/".join(filter(None, (path, _SOME))) and "[" not in place


def within(name: str, prefix: str) -> int | None:
    """How much of a registry's or an image's name a prefix stands for; None where it isn't meant by it."""
    if prefix.startswith("*."):
        host = name.partition("/")[0]
        at = host.find(prefix[1:])
        end = at + len(prefix) - 1
        return end if at >= 0 and name[end : end + 1] in ("", ":", "/") else None
    at = len(prefix)
    return at if name.startswith(prefix) and name[at : at + 1] in ("", ":", "/") else None
