"""What stands in a file of uv's, and what uv makes of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats.toml_scan import line_of
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import Value
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.uv import fields, indexes, installed, project

MIRRORS = ("python-install-mirror", "pypy-install-mirror")
TRUST = ("system-certs", "native-tls")
"""The field that has uv trust the system's store, and its name in uv up to 0.10, which any uv takes."""
PROXIES = ("http-proxy", "https-proxy", "no-proxy")
_KEYS = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "offline",
    "exclude-newer",
    *MIRRORS,
    *TRUST,
    *PROXIES,
)
_DOUBTFUL = "doubtful"


def read(text: str) -> Mapping[str, Value]:
    """The settings of `uv` itself and, with `pip.` in front, those that only `uv pip` takes.

    Of a pyproject.toml those of `[tool.uv]`, and what it says of the project. Raises FormatError for what
    no uv takes in a uv.toml.
    """
    document = formats.toml.read(text)
    if not any(name in document for name in fields.FOREIGN):
        fields.require(text, document)
        return {**_settings(document), **_doubts(text, document, ())}
    tool = document.get("tool")
    found = tool.get("uv") if isinstance(tool, Mapping) else None
    foreign = next(name for name in document if name in fields.FOREIGN)
    about = {project.FOREIGN: {foreign: str(line_of(text, (foreign,)))}, **project.of_pyproject(document)}
    if not isinstance(found, Mapping):
        return about
    amiss = [each for each in fields.amiss(found, file=False) if each.certain]
    if any(each.path[0] == "index" for each in amiss):
        about["project"] = False  # one that isn't in order is none to uv, either
    if amiss:
        return about
    return {project.SETTINGS: True, **about, **_settings(found), **_doubts(text, found, ("tool", "uv"))}


def _settings(data: Mapping[str, object]) -> dict[str, Value]:
    found: dict[str, Value] = {"index": listed} if (listed := indexes.of_table(data)) else {}
    pip = data.get("pip")
    for prefix, table in (("", data), ("pip.", pip if isinstance(pip, Mapping) else {})):
        for key in _KEYS:
            if isinstance(value := table.get(key), list):
                found[prefix + key] = tuple(map(str, value))
            elif isinstance(value, str | bool):
                found[prefix + key] = value
    return found


def _doubts(text: str, data: Mapping[str, object], at: fields.Path) -> dict[str, Value]:
    """What some uv may refuse, by its place: that of what the writer doesn't know, and of all else."""
    found: dict[str, dict[str, str]] = {project.UNKNOWN: {}, _DOUBTFUL: {}}
    for each in fields.amiss(data, file=not at):
        error = each.error(line_of(text, (*at, *each.path)))
        kind = (
            project.UNKNOWN
            if error.code == "unknown-field" and each.path[-1] != "environments"
            else _DOUBTFUL
        )
        found[kind][str(error.line)] = error.what
    return {kind: values for kind, values in found.items() if values}


def require(reading: Reading) -> None:
    """Raises what uv refuses a file that it reads for: then it does nothing at all."""
    layer, values = reading.layer, reading.values
    if reading.error is not None:
        raise reading.error
    if layer.path is None or layer.ignored is not None or project.is_pyproject(layer):
        return
    foreign, unknown = values.get(project.FOREIGN), values.get(project.UNKNOWN)
    for name, line in foreign.items() if isinstance(foreign, Mapping) else ():
        raise fields.foreign(name).error(int(line)).at(str(layer.path))
    for name, first in fields.SINCE.items() if layer.reader else ():
        if name in values and installed.numbers(layer.reader or "") < first:
            what = sentence(
                "{field} is no field that uv {version} knows, and it refuses the whole file for it.",
                field=name,
                version=layer.reader,
            )
            hint = sentence("take {field} out", field=name)
            raise FormatError("unknown-field", what, path=str(layer.path), hint=hint)
    for line, what in unknown.items() if layer.strict and isinstance(unknown, Mapping) else ():
        hint = "take it out, or mend how it is spelt"
        raise FormatError("unknown-field", what, path=str(layer.path), line=int(line), hint=hint)


def doubts(reading: Reading) -> Iterable[Finding]:
    """What the uv that is here may refuse the file for."""
    for kind in (project.UNKNOWN, _DOUBTFUL):
        values = reading.values.get(kind)
        for line, what in values.items() if isinstance(values, Mapping) else ():
            place = f"{reading.layer.path}:{line}"
            hint = sentence("uv --version: it may take that from a later one on")
            yield Finding("doubtful", what, hint, "uv", place)
