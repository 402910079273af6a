"""Would dockerd start with a content? By our own tables (`options`): its `--validate` is missing, or lax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from mirrorcfg.activation import lacking, options
from mirrorcfg.activation.options import Fault
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.formats import json
from mirrorcfg.formats import json_scan as scan
from mirrorcfg.formats import text as texts
from mirrorcfg.sentence import sentence

_SIZE = "default-shm-size"


def judge(path: Path, content: Mapping[str, Any], staged: Path, argv: Sequence[str]) -> None:
    """Raises MirrorcfgError, with key and line, where it would not.

    `staged` is a file with the content; what it names is looked for on this machine.
    """
    text = texts.decode(staged.read_bytes())[0]
    _readable(path, text)
    if fault := _fault(text, content, options.said_by_flags(argv)):
        _refuse(path, text, fault, "20.10")


def judge_beside(
    path: Path, content: Mapping[str, Any], staged: Path, argv: Sequence[str], version: str
) -> None:
    """The same of what the `--validate` of a newer version lets through."""
    tried = int(version.partition(".")[0]) < 27  # beyond 26.1.5 nobody was asked for all of that
    if fault := options.lasting_fault(content, options.said_by_flags(argv), tried=tried):
        _refuse(path, texts.decode(staged.read_bytes())[0], fault, version)


def _refuse(path: Path, text: str, fault: Fault, version: str) -> NoReturn:
    place: dict[str, Any] = {"path": str(path), "key": fault.key, "line": _line(text, fault.key)}
    if fault.of == "key":
        what = sentence(
            "docker {version} knows no key {key}; it would not start. Nothing was changed.",
            version=version,
            key=fault.where,
        )
        hint = sentence("take {key} out of {path}", key=fault.where, path=path)
        raise MirrorcfgError("unknown-key", what, hint=hint, **place)
    what = sentence(
        "{key} must be {wanted}; docker {version} would not start. Nothing was changed.",
        key=fault.where,
        wanted=fault.wanted,
        version=version,
    )
    hint = sentence("mend {key} in {path}, or take it out", key=fault.where, path=path)
    raise MirrorcfgError("wrong-type" if fault.of == "type" else "bad-value", what, hint=hint, **place)


def _readable(path: Path, text: str) -> None:
    if text.startswith(texts.BOM):
        what = sentence("docker 20.10 can't read a byte order mark; it would not start. Nothing was changed.")
        hint = sentence("save {path} as UTF-8 without one", path=path)
        raise MirrorcfgError("byte-order-mark", what, path=str(path), line=1, hint=hint)
    if not text.strip():
        what = sentence("docker 20.10 can't read an empty file; it would not start. Nothing was changed.")
        hint = sentence("write {{}} into {path}, or remove it", path=path)
        raise MirrorcfgError("empty-file", what, path=str(path), hint=hint)


def _fault(text: str, content: Mapping[str, Any], flags: Mapping[str, Any]) -> Fault | None:
    if fault := options.fault(content, flags):
        return fault
    if (size := json.raw(text, (_SIZE,))) and "\\" in size.text:
        return Fault("value", _SIZE, _SIZE, sentence("written without a backslash"))
    if lack := lacking.misfit(content, flags):
        key, misfit = lack
        return Fault("value", key, f"{key}{misfit.where}", misfit.wanted)
    return None


def _line(text: str, key: str) -> int | None:
    members, _ = scan.members(text, scan.opening(text))
    return next((texts.place(text, each.start)[0] for each in members if each.key == key), None)
