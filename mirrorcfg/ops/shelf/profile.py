"""`ls` and `profile …`: the profiles there are, one of them whole, a new one, and is a file right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import interruption, writers
from mirrorcfg.errors import MirrorcfgError, ProfileError, UsageError
from mirrorcfg.host import Host, tools
from mirrorcfg.model.profile import Profile, is_name
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Offer, Settings
from mirrorcfg.ops.shelf import provenance
from mirrorcfg.ops.shelf.directories import SHELVES, Whose, shelf
from mirrorcfg.ops.shelf.taken import taken
from mirrorcfg.ops.sources import asking, lists, verify
from mirrorcfg.profiles import compose
from mirrorcfg.profiles.compose import Composed, Question
from mirrorcfg.profiles.document import read
from mirrorcfg.profiles.origin import digest
from mirrorcfg.sentence import sentence, told

Ask = Callable[[Question, str | None], str]
"""Puts a question and gives the answer; told, the second time, what was wrong with the first."""


class CameFrom(NamedTuple):
    """Where an added profile is from, what it was built upon then, and whether its file has changed since."""

    url: str
    sha256: str
    time: str
    ca_file: str | None
    bases: Mapping[str, str]
    edited: bool


class Listed(NamedTuple):
    """A profile by its template: `needs` are variables without a value, `tools` those that it serves.

    `in_use` are the tools that were switched to it last.
    """

    name: str
    title: str
    titles: Mapping[str, str]
    layer: str
    path: str
    homepage: str | None
    failure_domain: str | None
    failover: Sequence[str]
    checked: str | None
    extends: str | None
    aliases: Sequence[str]
    needs: Sequence[str]
    origin: CameFrom | None
    tools: Sequence[str]
    in_use: Sequence[str]


class Listing(NamedTuple):
    """The profiles there are."""

    profiles: Sequence[Listed]


class Offered(NamedTuple):
    """What a profile says of a tool: settings, the tool's own default, or why there is nothing."""

    settings: Settings
    default: bool
    unavailable: str | None


class Shown(NamedTuple):
    """One profile whole: as it is listed, its file's text, and what that comes to with `extends` followed."""

    name: str
    title: str
    titles: Mapping[str, str]
    layer: str
    path: str
    homepage: str | None
    failure_domain: str | None
    failover: Sequence[str]
    checked: str | None
    extends: str | None
    aliases: Sequence[str]
    needs: Sequence[str]
    origin: CameFrom | None
    tools: Sequence[str]
    in_use: Sequence[str]
    offers: Mapping[str, Offered]
    variables: Mapping[str, str]
    text: str


class Checked(NamedTuple):
    """A profile that is right, and the variables that still have no value."""

    name: str
    path: str
    needs: Sequence[str]


class Made(NamedTuple):
    """A new profile and its text."""

    changed: bool
    name: str
    path: str
    text: str


def ls(host: Host, only: Sequence[str] = ()) -> Result[Listing]:
    """Every profile, the user's own before the system's before the built-in; a broken one is a finding.

    With `only`, those that serve one of these tools. Raises UsageError for a tool that there is not.
    """
    for tool in only:
        writers.known(tool)
    entries: list[Listed] = []
    findings: list[Finding] = []
    for entry in host.profiles.every():
        if entry.profile is not None:
            listed = _listed(host, entry.profile)
            entries += [listed] if not only or set(only) & set(listed.tools) else []
        elif entry.error is not None:
            findings.append(Finding.of(entry.error))
    return Result(
        "ls", Listing(entries), findings=[*findings, *provenance.ignored(host), *host.configuration.findings]
    )


def show(host: Host, name: str) -> Result[Shown]:
    """One profile: its file's text, and what it says once `extends` is followed."""
    profile = host.profiles.template(name)
    text = read(host.profiles.find(name)).text.replace("\r\n", "\n")
    offers = {
        tool: Offered(dict(offer.settings), offer.default, offer.unavailable)
        for tool, offer in profile.offers.items()
    }
    data = Shown(*_listed(host, profile), offers, dict(profile.variables), text)
    return Result("profile show", data)


def check(host: Host, name: str, variables: Mapping[str, str]) -> Result[Checked]:
    """Is the profile right? With every variable it needs it is checked as `use` would read it."""
    profile = host.profiles.template(name)
    if variables or not profile.needs:
        host.profiles.load(name, variables)
    needs = [variable for variable in profile.needs if variable not in variables]
    return Result("profile check", Checked(profile.name, profile.origin, needs))


def new(
    host: Host,
    name: str,
    base: str | None,
    variables: Mapping[str, str],
    *,
    whose: Whose = "user",
    ask: Ask | None = None,
    patience: float | None = None,
) -> Result[Made]:
    """Write a new profile, once its sources have passed within `patience` seconds (None: they aren't asked).

    `ask` is for the variables of `base` that `variables` doesn't give. Raises UsageError where that name is
    taken on that shelf, ProfileError, and NotInEffectError for a source that would not do.
    """
    place = shelf(host, whose)
    file, path = place.file(name), host.profiles.directories
    if is_name(name) and place.read(file) is not None:
        raise _taken(name, file)

    def composed(sets: Mapping[str, str]) -> Composed:
        return compose.new(name, base, sets, host.profiles.catalogue, path, host.home, whose)

    if ask is not None and base is not None:
        asked = compose.questions(base, host.profiles.catalogue, path, host.home)
        variables = _answers(asked, variables, composed, ask)
    made = composed(variables)
    findings = [] if patience is None else _verified(host, made.profile, patience)
    with interruption.held():
        if not place.create(file, made.text.encode()):
            raise _taken(name, file)
        back = ("profile", "remove", name, *place.options)
        interruption.did(sentence("the profile {name} was stored", name=name), back, place.root)
    findings += taken(made.profile)
    return Result("profile new", Made(True, name, str(file), made.text), findings=findings)


def _answers(
    questions: Sequence[Question],
    given: Mapping[str, str],
    composed: Callable[[Mapping[str, str]], Composed],
    ask: Ask,
) -> Mapping[str, str]:
    """The variables' values; each question is put again until its answer is one that the profile can have."""
    sets = dict(given)
    for question in questions:
        wrong: str | None = None
        while question.name not in given:
            answer = ask(question, wrong)
            more = {question.name: answer} if answer != question.default else {}
            try:
                needs = composed({**sets, **more}).profile.needs
            except ProfileError as error:
                wrong = error.what
                continue
            if answer or question.name not in needs:
                sets |= more
                break
            wrong = sentence("It must have a value.")
    return sets


def _verified(host: Host, profile: Profile, patience: float) -> list[Finding]:
    """Raises NotInEffectError for a source that would not do."""
    if profile.needs:
        needs = ", ".join(profile.needs)
        what = sentence("Its sources were not verified: {variables} has no value yet.", variables=needs)
        return [Finding("not-verified", what, f"edit {profile.origin}", None, profile.origin)]
    for verdict in lists.counted(
        verify.ask(asking.of_profile(host, profile), verify.Depth(timeout=patience), host.progress)
    ):
        if not verdict.ok:
            hint = "--no-verify writes it all the same"
            if verdict.hint:
                hint = sentence("{hint}; or --no-verify writes it all the same", hint=verdict.hint)
            raise verify.refused(verdict, hint)
    return []


def _taken(name: str, file: Path) -> UsageError:
    what = sentence("There is a profile {name} already.", name=name)
    return UsageError("profile-exists", what, path=str(file), hint=f"edit {file}")


def _came_from(host: Host, profile: Profile) -> CameFrom | None:
    """Where an added profile is from, and whether it was edited since; None where that isn't known."""
    whose: Whose | None = next((each for each in SHELVES if each == profile.layer), None)
    if whose is None:
        return None
    place, file = shelf(host, whose), Path(profile.origin)
    try:
        origin = place.origin(file)
    except ProfileError:  # `profile update` is the one to complain
        return None
    if origin is None:
        return None
    edited = digest(place.read(file) or b"") != origin.sha256
    return CameFrom(**origin._asdict(), edited=edited)


def _listed(host: Host, profile: Profile) -> Listed:
    return Listed(
        profile.name,
        _title(profile),
        dict(profile.titles),
        str(profile.layer),
        profile.origin,
        profile.homepage,
        profile.failure_domain,
        list(profile.failover),
        profile.checked.isoformat() if profile.checked else None,
        profile.extends,
        list(profile.aliases),
        list(profile.needs),
        _came_from(host, profile),
        [tool for tool in writers.names() if _serves(tools.offer(profile, tool))],
        _in_use(host, profile.name),
    )


def _in_use(host: Host, name: str) -> list[str]:
    with suppress(MirrorcfgError):  # profiles can be listed without a history
        head = host.store.head()
        return [tool for tool, profile in head.tools.items() if profile == name] if head else []
    return []


def _filled(title: str, variables: Mapping[str, str]) -> str:
    """A title with the values of its variables; one that has none goes by its name: HOST."""
    return re.sub(r"\$\{([^}]+)\}", lambda found: variables.get(found[1]) or found[1].upper(), title)


def _serves(offer: Offer | None) -> bool:
    return offer is not None and (offer.default or bool(offer.settings))


def _title(profile: Profile) -> str:
    """In English, and in Chinese where it is drawn."""
    return told({language: _filled(text, profile.variables) for language, text in profile.titles.items()})
