"""`ls` and `profile …`: the profiles there are, one of them whole, a new one, and is a file right."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mirrorcfg import profiles, writers
from mirrorcfg.errors import UsageError
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Offer
from mirrorcfg.ops import tools
from mirrorcfg.ops.host import Host
from mirrorcfg.profiles.compose import new as compose
from mirrorcfg.profiles.listing import every
from mirrorcfg.store import own


def names() -> tuple[str, ...]:
    """The names of all profiles, told by their files alone; for completion."""
    return profiles.names(tools.search_path(Host.here()))


def ls(host: Host) -> Result:
    """Every profile, the user's own before the system's before the built-in; a broken one is a finding."""
    entries: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for entry in every(tools.catalogue(), tools.search_path(host)):
        if entry.profile is not None:
            entries.append(_entry(entry.profile))
        elif entry.error is not None:
            error = entry.error
            findings.append(Finding(error.code, error.what, error.hint, None, error.place))
    return Result("ls", data={"profiles": entries}, findings=findings)


def show(host: Host, name: str) -> Result:
    """One profile: its file's text, and what it says once `extends` is followed."""
    path = tools.search_path(host)
    home = host.home
    profile = profiles.template(name, tools.catalogue(), path, home)
    text = profiles.find(name, path, home).path.read_text("utf-8")
    offers = {tool: _offer(offer) for tool, offer in profile.offers.items()}
    data = {**_entry(profile), "offers": offers, "variables": dict(profile.variables), "text": text}
    return Result("profile show", data=data)


def check(host: Host, name: str, variables: Mapping[str, str]) -> Result:
    """Is the profile right? With every variable it needs it is checked as `use` would read it."""
    profile = profiles.template(name, tools.catalogue(), tools.search_path(host), host.home)
    if variables or not profile.needs:
        tools.load(host, name, variables)
    needs = [variable for variable in profile.needs if variable not in variables]
    return Result("profile check", data={"name": profile.name, "path": profile.origin, "needs": needs})


def new(host: Host, name: str, base: str | None, variables: Mapping[str, str]) -> Result:
    """Write a new profile into the user's directory. Raises UsageError where that name is taken there."""
    path = tools.search_path(host)
    text = compose(name, base, variables, tools.catalogue(), path, host.home)
    folder = next(directory.path for directory in path if directory.layer == "user")
    file = folder / f"{name}.toml"
    if not own.create(file, text.encode(), user=host.user, disk=host.store.disk):
        raise UsageError(
            "profile-exists", f"There is a profile {name} already.", path=str(file), hint=f"edit {file}"
        )
    return Result("profile new", data={"changed": True, "name": name, "path": str(file), "text": text})


def _entry(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "title": _title(profile.titles),
        "titles": dict(profile.titles),
        "layer": profile.layer,
        "path": profile.origin,
        "homepage": profile.homepage,
        "failure_domain": profile.failure_domain,
        "failover": list(profile.failover),
        "checked": profile.checked.isoformat() if profile.checked else None,
        "extends": profile.extends,
        "needs": list(profile.needs),
        "tools": [tool for tool in writers.names() if _serves(tools.offer(profile, tool))],
    }


def _serves(offer: Offer | None) -> bool:
    return offer is not None and (offer.default or bool(offer.settings))


def _offer(offer: Offer) -> dict[str, Any]:
    return {"settings": dict(offer.settings), "default": offer.default, "unavailable": offer.unavailable}


def _title(titles: Mapping[str, str]) -> str:
    """In the user's language where the profile has it."""
    language = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return titles.get("zh" if language.startswith("zh") else "en") or next(iter(titles.values()), "")
