"""The name of a container image: where it is, what it is called, which tag and digest.

Source of the rules: the grammar and the normalization of the distribution project's "reference" package
(`reference.go`, `normalize.go`), and go-digest for the algorithms and the lengths of their digests.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mirrorcfg.errors import UsageError
from mirrorcfg.model.client import HUB
from mirrorcfg.sentence import sentence

_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = "[a-z0-9]+(?:(?:__|[._]|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<domain>{_DOMAIN})/(?P<path>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}))?(?:@(?P<digest>[^@]*))?"
)
_DIGEST = re.compile("sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}")
_LONGEST = 255


class Reference(NamedTuple):
    """An image's whole name, as docker would complete it; a tag that wasn't said stays unsaid."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Without tag and digest."""
        return f"{self.domain}/{self.path}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}" + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """`text` as docker reads it. Raises UsageError `bad-reference` with what is wrong."""
    if re.fullmatch("[a-f0-9]{64}", text):
        raise _wrong(text, sentence("64 hexadecimal digits are an image's ID, not its name"))
    domain, rest = _split(text)
    found = _REFERENCE.fullmatch(f"{domain}/{rest}")
    if found is None:
        upper = any(char.isupper() for char in re.split("[:@]", rest, maxsplit=1)[0])
        why = sentence("it is no reference")
        raise _wrong(text, sentence("a name is in lower case") if upper else why)
    reference = Reference(**found.groupdict())
    if len(reference.path) > _LONGEST:
        raise _wrong(text, sentence("a name is {most} characters at most", most=_LONGEST))
    if reference.digest is not None and not _DIGEST.fullmatch(reference.digest):
        why = sentence("a digest is sha256, sha384 or sha512 with its lower-case hexadecimal digits")
        raise _wrong(text, why)
    return reference


def placed(reference: Reference, prefix: str, place: str, path: str) -> Reference | None:
    """The same image at `place` (a host, or host:port) below `path`, with `prefix` of its name left out.

    None where that makes no reference. A host that would read as part of the path gets its port.
    """
    rest = reference.name.removeprefix(prefix).strip("/")
    below = "/".join(part for part in (path.strip("/"), rest) if part)
    for domain in (place, f"{place}:443"):
        moved = reference._replace(domain=domain, path=below)
        try:
            if parse(str(moved)) == moved:
                return moved
        except UsageError:
            continue
    return None


def within(reference: Reference, prefix: str) -> bool:
    """Does the name begin with `prefix`, whole parts of it?"""
    return reference.name == prefix or reference.name.startswith(f"{prefix}/")


def _split(text: str) -> tuple[str, str]:
    """The registry and the rest: what is before the first slash is a registry only if it looks like one."""
    first, slash, rest = text.partition("/")
    if not slash:
        return HUB, f"library/{text}"
    if not (set(first) & set(".:") or first == "localhost" or first != first.lower()):
        return HUB, text
    if first not in (HUB, f"index.{HUB}"):
        return first, rest
    return HUB, rest if "/" in rest else f"library/{rest}"


def _wrong(text: str, why: str) -> UsageError:
    what = sentence("{text!r} is not the name of an image: {why}.", text=text, why=why)
    return UsageError("bad-reference", what, hint="NAME[:TAG][@DIGEST]")
