"""Whose a profile is, and is it still what somebody looked at when it was added from elsewhere?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mirrorcfg import profiles
from mirrorcfg.errors import ConflictError, ProfileError
from mirrorcfg.host import Host
from mirrorcfg.model.result import Finding
from mirrorcfg.profiles.document import Document
from mirrorcfg.profiles.draft import draft, merge
from mirrorcfg.profiles.origin import Origin, beside, digest, load
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import pasted

_BUILTIN = "builtin"


def ignored(host: Host) -> list[Finding]:
    """A note for each directory of profiles, and each profile, that root passes over for whose it is."""
    what = "Others could have put profiles there, so root passes over it."
    return [
        Finding(
            "profiles-ignored",
            what,
            sentence("look whose it is: namei -lo {path}", path=path),
            None,
            str(path),
        )
        for directory in host.profiles.directories
        for path in profiles.passed_over(directory)
    ]


def amiss(host: Host, names: Iterable[str]) -> list[Finding]:
    """What is another by now than what was added: a pinned profile that was edited, or hidden, or its bases.

    Raises ProfileError where one isn't there, or is wrong.
    """
    found: dict[tuple[str, str | None], Finding] = {}
    for name in names:
        for finding in _of(host, name):
            found.setdefault((finding.code, finding.path), finding)
    return list(found.values())


def require(host: Host, names: Iterable[str]) -> None:
    """Raises ConflictError for the first of these that is amiss: nobody is there to say that it may be."""
    for finding in amiss(host, names):
        what = sentence("{what} Nothing was changed.", what=finding.message)
        raise ConflictError(finding.code, what, path=finding.path, hint=finding.hint)


def adding(origin: Origin, layer: str, *more: str) -> str:
    """The command that stores just what has this origin on that shelf."""
    words = ["profile", "add", origin.url, "--sha256", origin.sha256, *more]
    words += ["--scope", layer] if layer == "system" else []
    words += ["--ca-file", origin.ca_file] if origin.ca_file else []
    return pasted(*words, sudo=True if layer == "system" else None)


def bases(host: Host, document: Document) -> dict[str, str]:
    """The profiles that this one is built upon, by name, each with the SHA-256 of its file.

    Those that come with mirrorcfg are left out: they change with it, and are as much to be believed as it is.
    """
    documents = merge(document, host.profiles.catalogue, host.profiles.directories).documents[1:]
    return {each.found.name: _digest(each) for each in documents if each.found.layer != _BUILTIN}


def _of(host: Host, name: str) -> Iterator[Finding]:
    path = host.profiles.directories
    if not any(profiles.files((each,)) for each in path if each.layer != _BUILTIN):
        return  # nothing is here but what comes with mirrorcfg, as on most machines
    documents = draft(host.profiles.find(name), host.profiles.catalogue, path).documents
    for at, document in enumerate(documents):
        if document.found.layer in (_BUILTIN, "path", "address"):
            continue
        origin = _origin(host, document.found)
        if origin is not None:
            yield from _changed(origin, document, documents[at + 1 :])
        else:
            yield from _hides(host, document, documents)


def _changed(origin: Origin, document: Document, below: Iterable[Document]) -> Iterator[Finding]:
    """Is it, and is all that it is built upon, as it was when it was added?"""
    name, place = document.found.name, str(document.found.path)
    if _digest(document) != origin.sha256:
        what = sentence(
            "The profile {name} was edited since it was added from {url}.", name=name, url=origin.url
        )
        yield Finding("profile-edited", what, adding(origin, document.found.layer), None, place)
    now = {each.found.name: _digest(each) for each in below if each.found.layer != _BUILTIN}
    for base in dict.fromkeys([*now, *origin.bases]):
        if now.get(base) != origin.bases.get(base):
            what = sentence(
                "The profile {name} was added when {base}, which it is built upon, was another.",
                name=name,
                base=base,
            )
            again = adding(origin, document.found.layer)
            yield Finding("profile-base-changed", what, again, None, place)


def _hides(host: Host, document: Document, used: Iterable[Document]) -> Iterator[Finding]:
    """One that nobody pinned stands in front of one that somebody did, and isn't built upon that one."""
    name, known = document.found.name, {each.found.path for each in used}
    for directory in host.profiles.directories:
        file = directory.path / f"{name}{profiles.SUFFIX}"
        if file in known or not file.exists() or not directory.counts(file):
            continue
        if _origin(host, document.found._replace(path=file)) is not None:
            what = sentence(
                "{path} hides the profile {name} that was added from elsewhere.",
                path=document.found.path,
                name=name,
            )
            yield Finding("profile-hidden", what, pasted("profile", "show", name), None, str(file))


def _origin(host: Host, found: profiles.Found) -> Origin | None:
    data = host.read(beside(found.path))
    try:
        return None if data is None else load(data, beside(found.path))
    except ProfileError:  # nobody knows then what it was; `profile update` complains
        return None


def _digest(document: Document) -> str:
    return digest(document.data)
