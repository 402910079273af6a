"""A profile as it is used: `extends` followed, variables filled in, every address checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mirrorcfg.errors import ProfileError
from mirrorcfg.model.profile import Profile, is_name
from mirrorcfg.model.settings import Key, Kind, Offer, Value
from mirrorcfg.profiles import address
from mirrorcfg.profiles.check import OFFER, Catalogue, strings
from mirrorcfg.profiles.draft import Draft, Said, Table, draft
from mirrorcfg.profiles.search import Directory, find
from mirrorcfg.profiles.variables import Values, VariableError, undeclared
from mirrorcfg.sentence import sentence, told
from mirrorcfg.wording import is_printable, listed, shown


def load(
    wanted: str,
    variables: Mapping[str, str],
    catalogue: Catalogue,
    directories: Sequence[Directory],
    home: Path | None = None,
) -> Profile:
    """The profile that a name or a path stands for, with `variables` (`--set`) and its own filled in.

    Raises ProfileError; `variable-missing` names all variables that have no value and need one.
    """
    merged = draft(find(wanted, directories, home), catalogue, directories)
    filling = Filling(merged, variables, catalogue)
    profile = filling.profile()
    if filling.missing:
        raise _missing(merged, sorted(filling.missing))
    return profile


def template(
    wanted: str,
    catalogue: Catalogue,
    directories: Sequence[Directory],
    home: Path | None = None,
) -> Profile:
    """The same profile with each `${variable}` as it is written, and `needs`: those that need a value.

    All is checked that can be without those values. Raises ProfileError.
    """
    return outline(draft(find(wanted, directories, home), catalogue, directories), catalogue)


def outline(merged: Draft, catalogue: Catalogue) -> Profile:
    """`template`, of a draft."""
    filling = Filling(merged, {}, catalogue)
    filled = filling.profile()
    offers = {
        tool: Offer(
            {key: plain(said.value) for key, said in table.items() if key not in OFFER},
            default="default" in table,
            unavailable=told(by_language(table["unavailable"].value)) if "unavailable" in table else None,
        )
        for tool, table in merged.tools.items()
    }
    return Profile(
        name=filled.name,
        titles=merged.document.content.get("title", filled.titles),
        origin=filled.origin,
        layer=filled.layer,
        offers=offers,
        homepage=merged.top["homepage"].value if "homepage" in merged.top else None,
        failure_domain=merged.top["failure-domain"].value if "failure-domain" in merged.top else filled.name,
        failover=filled.failover,
        checked=filled.checked,
        ca_file=merged.tls["ca-file"].value if "ca-file" in merged.tls else None,
        system_store="system-store" in merged.tls and merged.tls["system-store"].value,
        variables={name: said.value for name, said in merged.variables.items()},
        extends=filled.extends,
        aliases=filled.aliases,
        needs=tuple(sorted(filling.missing)),
    )


class Filling:
    """One draft being filled in; `missing` collects the variables that have no value and need one."""

    def __init__(self, merged: Draft, variables: Mapping[str, str], catalogue: Catalogue) -> None:
        self.missing: set[str] = set()
        self._draft = merged
        self._catalogue = catalogue
        self._hosts = settable(merged, variables)
        said = {name: each.value for name, each in merged.variables.items()}
        self._said = {**said, **variables, **self._hosts}
        self._values = Values(self._said)

    def profile(self) -> Profile:
        """The profile, as far as `missing` stays empty. Raises ProfileError."""
        merged, document = self._draft, self._draft.document
        for name, each in merged.variables.items():
            self._text(each._replace(value=f"${{{name}}}"), needed=False)
        domain = self._text(merged.top["failure-domain"]) if "failure-domain" in merged.top else None
        if domain is not None and not is_name(domain):
            said = merged.top["failure-domain"]
            raise self._error(
                said,
                "profile-name",
                sentence("{domain} is not the name of a failure domain.", domain=shown(domain)),
            )
        return Profile(
            name=document.found.name,
            titles=self._titles(),
            origin=document.found.address or str(document.found.path),
            layer=document.found.layer,
            offers={tool: self._offer(tool, table) for tool, table in merged.tools.items()},
            homepage=self._homepage(),
            failure_domain=domain or document.found.name,
            failover=tuple(merged.top["failover"].value) if "failover" in merged.top else (),
            checked=merged.top["checked"].value if "checked" in merged.top else None,
            ca_file=self._ca_file(),
            system_store="system-store" in merged.tls and merged.tls["system-store"].value,
            variables={name: self._values.fill(f"${{{name}}}") for name in self._said},
            extends=document.content.get("extends"),
            aliases=tuple(document.content.get("aliases", ())),
            hosts=self._hosts,
        )

    def _titles(self) -> Mapping[str, str]:
        document = self._draft.document
        titles = document.content.get("title", {"en": document.found.name})
        return self._by_language(Said(titles, document, ("title",)))

    def _by_language(self, said: Said) -> Mapping[str, str]:
        below = isinstance(said.value, Mapping)
        return {
            language: self._text(said._replace(value=text), *([language] if below else [])) or text
            for language, text in by_language(said.value).items()
        }

    def _homepage(self) -> str | None:
        said = self._draft.top.get("homepage")
        text = None if said is None else self._text(said)
        if said is not None and text is not None:
            self._right(said, address.url(text, query=True))
        return text

    def _ca_file(self) -> str | None:
        # A variable without a value leaves it out: that trusts less, never more.
        said = self._draft.tls.get("ca-file")
        text = None if said is None else self._text(said, needed=False)
        if said is not None and text is not None:
            self._right(said, address.path(text))
        return text

    def _offer(self, tool: str, table: Table) -> Offer:
        if "default" in table:
            return Offer(default=True)
        keys = {key: said for key, said in table.items() if key not in OFFER}
        settings = {key: self._value(said, self._catalogue[tool][key], table) for key, said in keys.items()}
        complete = {key: value for key, value in settings.items() if value is not None}
        if "unavailable" in table and (not keys or len(complete) < len(keys)):
            return Offer(unavailable=told(self._by_language(table["unavailable"])))
        return Offer(complete)

    def _value(self, said: Said, key: Key, table: Table) -> Value | None:
        """The value filled in and checked, or None if it hangs on a variable without a value."""
        needed = "unavailable" not in table
        if isinstance(said.value, bool):
            return said.value
        if isinstance(said.value, str):
            return self._item(said, said.value, key, needed)
        if isinstance(said.value, list):
            items = [self._item(said, text, key, needed, index) for index, text in enumerate(said.value)]
            whole = tuple(item for item in items if item is not None)
            return whole if len(whole) == len(items) else None
        named = {}
        for name, text in said.value.items():
            self._right(said, address.channel_name(name), name)
            named[name] = self._item(said, text, key, needed, name)
        filled = {name: item for name, item in named.items() if item is not None}
        return filled if len(filled) == len(named) else None

    def _item(self, said: Said, text: str, key: Key, needed: bool, *below: str | int) -> str | None:
        filled = self._text(said._replace(value=text), *below, needed=needed)
        if filled is not None:
            self._right(said, _wrong(filled, key), *below)
        return filled.rstrip("/") if filled is not None and key.slashless else filled

    def _text(self, said: Said, *below: str | int, needed: bool = True) -> str | None:
        """A string filled in, or None if it hangs on a variable without a value."""
        try:
            lacks = self._values.lacks(said.value)
            text = self._values.fill(said.value)
        except VariableError as error:
            raise self._error(said, error.code, error.what, *below, hint=error.hint) from None
        if not is_printable(text):
            what = sentence(
                "The value of {key} holds a control character or a line break.", key=shown(said.keys[-1])
            )
            raise self._error(said, "bad-text", what, *below)
        if not lacks:
            return text
        if needed:
            self.missing |= lacks
        return None

    def _right(self, said: Said, wrong: address.Wrong | None, *below: str | int) -> None:
        if wrong is not None:
            raise self._error(said, wrong.code, wrong.what, *below, hint=wrong.hint)

    def _error(
        self, said: Said, code: str, what: str, *below: str | int, hint: str | None = None
    ) -> ProfileError:
        return said.document.error(code, what, *said.keys, *below, hint=hint)


def by_language(value: str | Mapping[str, str]) -> Mapping[str, str]:
    """A text that may be written by language; one that isn't is English."""
    return {"en": value} if isinstance(value, str) else value


def plain(value: Any) -> Value:
    """What a TOML value is in the model."""
    result: Value = tuple(value) if isinstance(value, list) else value
    return result


def settable(merged: Draft, variables: Mapping[str, str]) -> dict[str, str]:
    """The hosts of those of `variables` that were given an address where a host is meant.

    Raises ProfileError `unknown-variable`, `bad-text` or `not-a-host` unless `--set` may say each of them.
    """
    said = {name: each.value for name, each in merged.variables.items()}
    hosts = {}
    for name, value in variables.items():
        _settable(merged, name, value, said)
        if "://" in value and _is_host(merged, name):
            hosts[name] = _host(merged, name, value)
    return hosts


def _is_host(merged: Draft, name: str) -> bool:
    """Does what the profile says put it where an address has its host?"""
    texts = (text for document in merged.documents for _, text in strings(document.content))
    return any(f"://${{{name}}}" in text for text in texts)


def _host(merged: Draft, name: str, value: str) -> str:
    scheme, _, rest = value.partition("://")
    host = rest.rstrip("/")
    if scheme == "https" and address.url(f"https://{host}", query=False) is None and "/" not in host:
        return host
    what = sentence(
        "The variable {name} is a host in this profile, and {value} is more than that.",
        name=shown(name),
        value=shown(value),
    )
    hint = f"--set {name}={host.partition('/')[0].rpartition('@')[2]}"
    raise ProfileError("not-a-host", what, path=str(merged.document.found.path), key=name, hint=hint)


def _settable(merged: Draft, name: str, value: str, said: Mapping[str, str]) -> None:
    path = str(merged.document.found.path)
    if name not in said:
        error = undeclared(name, said)
        hint = error.hint if said else "the profile has no variables"
        raise ProfileError(error.code, error.what, path=path, key=name, hint=hint)
    if not is_printable(value):
        what = sentence(
            "The value given for {name} holds a control character or a line break.", name=shown(name)
        )
        raise ProfileError("bad-text", what, path=path, key=name)


def _missing(merged: Draft, names: Sequence[str]) -> ProfileError:
    said = merged.variables[names[0]]
    hint = " ".join(f"--set {name}=…" for name in names)
    what = sentence(
        "The profile {name} needs a value for {names}.",
        name=shown(merged.document.found.name),
        names=listed(names),
    )
    return said.document.error("variable-missing", what, *said.keys, hint=hint)


def _wrong(text: str, key: Key) -> address.Wrong | None:
    if key.kind is Kind.LINKS:
        return address.link(text, query=key.query)
    if key.kind is Kind.NAMES:
        return address.channel(text, query=key.query)
    if key.kind is Kind.PATH:
        return address.path(text)
    if key.kind is Kind.PROJECT:
        return address.project(text)
    if key.kind is Kind.IMAGE:
        return address.image(text)
    return address.url(text, query=key.query)
