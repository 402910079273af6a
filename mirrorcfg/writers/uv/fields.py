"""Which fields uv takes in its files, and what it refuses a file for.

Source of the rules: uv's own message for a field that it doesn't know, which lists those that it does, of
0.2.5, 0.5.4, 0.9.5 and 0.13.9; a test asks the uv that is there. For one more, at the top of a uv.toml or
in its `[pip]`, it doesn't start; for one in a pyproject.toml it warns and passes the file over. In an
`[[index]]` it takes any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.toml_scan import line_of
from mirrorcfg.sentence import sentence

NEWEST = (0, 13, 9)  # what a uv up to this one takes is listed here
SYSTEM_CERTS = (0, 11)
"""The first that knows `system-certs`."""
SINCE = {
    "system-certs": SYSTEM_CERTS,
    **dict.fromkeys(("http-proxy", "https-proxy", "no-proxy"), (0, 9, 23)),
}
"""The first uv that knows a field, of those that matter here."""
FOREIGN = ("tool", "project", "build-system")  # of a pyproject.toml
# These it knows, to say that they stand in the wrong file; `environments` only since 0.5.
_PROJECT_ONLY = """
build-backend conflicts default-groups dependency-groups dev-dependencies managed package
required-environments sources workspace
"""
_TOP = """
add-bounds allow-insecure-host audit build-constraint-dependencies cache-dir cache-keys check-url
compile-bytecode concurrent-builds concurrent-downloads concurrent-installs config-settings
config-settings-package constraint-dependencies dependency-metadata environments exclude-dependencies
exclude-newer exclude-newer-package extra-build-dependencies extra-build-variables extra-index-url
find-links fork-strategy graalpy-install-mirror http-proxy https-proxy index index-strategy index-url
keyring-provider link-mode minimum-libc-version native-tls no-binary no-binary-package no-build
no-build-isolation no-build-isolation-package no-build-package no-cache no-index no-proxy no-sources
no-sources-package offline override-dependencies pip prerelease prerelease-package preview preview-features
publish-url pyodide-install-mirror pypy-install-mirror python-downloads python-downloads-json-url
python-install-mirror python-preference reinstall reinstall-package require-build-hashes required-version
resolution source-dist system-certs torch-backend trusted-publishing upgrade upgrade-package wheel
"""
_PIP = """
all-extras allow-empty-requirements annotation-style break-system-packages compile-bytecode
concurrent-builds concurrent-downloads concurrent-installs config-settings config-settings-package
custom-compile-command dependency-metadata emit-build-options emit-find-links emit-index-annotation
emit-index-url emit-marker-expression exclude-newer exclude-newer-package extra extra-build-dependencies
extra-build-variables extra-index-url find-links fork-strategy generate-hashes group index-strategy
index-url keyring-provider legacy-setup-py link-mode no-annotate no-binary no-build no-build-isolation
no-build-isolation-package no-deps no-emit-package no-extra no-header no-index no-sources no-sources-package
no-strip-extras no-strip-markers only-binary output-file prefix prerelease python python-platform
python-version reinstall reinstall-package require-build-hashes require-hashes resolution strict system
target torch-backend universal upgrade upgrade-package verify-hashes
"""
PROJECT_ONLY = frozenset(_PROJECT_ONLY.split())
TOP = PROJECT_ONLY | frozenset(_TOP.split())
PIP = frozenset(_PIP.split())
_FLAGS = frozenset({"no-index", "offline", "default", "explicit"})
_TEXTS = frozenset({"index-url", "python-install-mirror", "pypy-install-mirror", "url", "name"})
_LISTS = frozenset({"extra-index-url", "find-links"})
_NAME = re.compile(r"[A-Za-z0-9._-]*")
# What a word may be; of another a newer uv may know.
_WORDS = {
    "index-strategy": ("first-index", "unsafe-any-match", "unsafe-first-match", "unsafe-best-match"),
    "format": ("simple", "flat"),
    "authenticate": ("auto", "always", "never"),
}

Path = tuple[str | int, ...]


class Amiss(NamedTuple):
    """What is wrong with a field; `certain`: to any uv, and not just to those that are known here."""

    path: Path
    what: str
    hint: str
    certain: bool = True

    def error(self, line: int | None) -> FormatError:
        """As the error about that line."""
        return FormatError(
            "unknown-field" if "field" in self.what else "bad-value",
            self.what,
            line=line,
            key=".".join(str(step) for step in self.path if isinstance(step, str)),
            hint=self.hint,
        )


def foreign(name: str) -> Amiss:
    """One of FOREIGN in a uv.toml."""
    what = sentence("[{table}] is no field of uv.toml, and uv refuses the whole file for it.", table=name)
    return Amiss((name,), what, "it belongs into a pyproject.toml")


def amiss(data: Mapping[str, object], *, file: bool = True) -> Iterable[Amiss]:
    """What uv refuses in a uv.toml (`file`), or in the `[tool.uv]` of a pyproject.toml."""
    for name in data if file else ():
        if name in FOREIGN:
            yield foreign(name)
        elif name in PROJECT_ONLY:
            what = sentence(
                "The field {field} isn't allowed in a uv.toml, and uv refuses the whole file for it.",
                field=name,
            )
            yield Amiss((name,), what, "it belongs into [tool.uv] of a pyproject.toml")
        elif name == "environments":
            what = sentence(
                "A uv of today takes the field environments in a pyproject.toml alone, and fails for it here."
            )
            yield Amiss((name,), what, "put it into [tool.uv] of a pyproject.toml", certain=False)
    pip = data.get("pip", {})
    for at, table, known in (((), data, TOP), (("pip",), pip, PIP)):
        if not isinstance(table, Mapping):
            what = sentence("uv takes a table as pip, and refuses the whole file.")
            yield Amiss(at, what, "write [pip]")
            continue
        yield from _unknown(
            at, [name for name in table if name not in known and (at or name not in FOREIGN)], known
        )
        yield from _values(at, table)
    indexes = data.get("index", [])
    if not isinstance(indexes, list):
        what = sentence("uv takes a list as index, and refuses the whole file.")
        yield Amiss(("index",), what, "write [[index]]")
        return
    for number, each in enumerate(indexes):
        yield from _index(("index", number), each)


def require(text: str, data: Mapping[str, object]) -> None:
    """Raises FormatError for the first thing that no uv takes in a uv.toml."""
    for each in amiss(data):
        if each.certain:
            raise each.error(line_of(text, each.path))


def _unknown(at: Path, names: Sequence[str], known: Iterable[str]) -> Iterable[Amiss]:
    spelt = {_plain(name): name for name in known} if names else {}
    for name in names:
        where = f"[{at[0]}]" if at else "uv.toml"
        what = sentence(
            "{field} is no field of {where} that uv knows, and it refuses the whole file for it.",
            field=name,
            where=where,
        )
        if meant := spelt.get(_plain(name)):
            yield Amiss((*at, name), what, sentence("did you mean {field}?", field=meant))
        else:
            yield Amiss((*at, name), what, "take it out, or mend how it is spelt", certain=False)


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()


def _values(at: Path, table: Mapping[str, object]) -> Iterable[Amiss]:
    for name, value in table.items():
        good, kind = True, ""
        if name in _FLAGS:
            good, kind = isinstance(value, bool), sentence("true or false")
        elif name in _TEXTS:
            good, kind = isinstance(value, str), sentence("a text")
        elif name in _LISTS:
            good = isinstance(value, list) and all(isinstance(each, str) for each in value)
            kind = sentence("a list of texts")
        elif name in _WORDS and value not in _WORDS[name]:
            what = sentence(
                "{value!r} is nothing that uv knows as {field}, and it refuses the whole file for it.",
                value=value,
                field=name,
            )
            hint = sentence("one of {words}", words=", ".join(_WORDS[name]))
            yield Amiss((*at, name), what, hint, certain=False)
        if not good:
            what = sentence(
                "uv takes {kind} as {field}, and refuses the whole file for anything else.",
                kind=kind,
                field=name,
            )
            yield Amiss((*at, name), what, "mend this value by hand")


def _index(at: Path, entry: object) -> Iterable[Amiss]:
    if not isinstance(entry, Mapping) or "url" not in entry:
        what = sentence("An index without a url is none, and uv refuses the whole file for it.")
        yield Amiss(at, what, "give it a url")
        return
    yield from _values(at, entry)
    name = entry.get("name")
    if isinstance(name, str) and not _NAME.fullmatch(name):
        what = sentence("{name!r} can't be an index's name, and uv refuses the whole file for it.", name=name)
        yield Amiss((*at, "name"), what, "letters, digits, hyphens, underscores and periods")
    if name is None and entry.get("explicit") is True:
        what = sentence("A uv of today refuses an explicit index without a name, and the whole file with it.")
        yield Amiss((*at, "explicit"), what, "give it a name", certain=False)
