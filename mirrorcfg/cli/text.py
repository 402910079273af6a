"""Results as lines for people."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from mirrorcfg.cli import screen
from mirrorcfg.cli.screen import Line
from mirrorcfg.model.result import Result

_WIDTH = 8


def lines(answer: Result) -> Iterable[str | Line]:
    """What the command found or did."""
    return _DRAW[answer.command](answer.data)


def closing(answer: Result) -> Iterator[str]:
    """The last words: what happened, and the command that takes it back."""
    if answer.command in _TAKES_BACK and answer.status == "ok":
        yield from _TAKES_BACK[answer.command](answer.data)
    if answer.command not in ("use", "undo", "restore", "failover", "watch"):
        return
    number = answer.data.get("generation")
    if number is not None:
        yield f"This is generation {number}; take it back with: {_likewise(['undo'], '--root')}"
    elif answer.status == "unchanged":
        yield "Nothing to change."
    elif answer.command == "watch" and "--install" in sys.argv and "--dry-run" not in sys.argv:
        yield f"Take it away with: {_likewise(['watch', '--uninstall'], '--scope')}"


def _added(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"Use it with: mirrorcfg use {data['name']}"
    yield f"Take it away with: {_likewise(['profile', 'remove', data['name']], '--scope', '--root')}"


def _removed(data: Mapping[str, Any]) -> Iterator[str]:
    if data["url"] is not None:
        words = ["profile", "add", data["url"], "--sha256", data["sha256"]]
        yield f"Add it again with: {_likewise(words, '--scope', '--root')}"


def _likewise(command: Sequence[str], *options: str) -> str:
    """A command for the same place, which the options name as they were given, and with the same rights."""
    words = ["sudo"] if os.environ.get("SUDO_UID") else []
    words += ["mirrorcfg", *command]
    given = sys.argv[:-1]
    for option in options:
        words += [option, sys.argv[given.index(option) + 1]] if option in given else []
    return shlex.join(words)


def _tools(data: Mapping[str, Any]) -> Iterator[str]:
    for tool, entry in data["tools"].items():
        files = [file for file in entry["files"] if file["action"] != "skipped"]
        if not files:
            yield f"{tool:<{_WIDTH}}left as it is"
            continue
        for file in files:
            yield f"{tool:<{_WIDTH}}{file['action']:<10}{file['path']}"
        yield from _addresses(entry)


def _failover(data: Mapping[str, Any]) -> Iterator[str]:
    for tool, entry in data["tools"].items():
        yield f"{tool:<{_WIDTH}}{_moved(entry)}"
        for asked in entry["asked"]:
            yield f"{'':<{_WIDTH}}{asked['profile'] or '-':<12}{asked['code']}: {asked['message']}"
        for file in entry["files"]:
            yield f"{'':<{_WIDTH}}{file['action']:<10}{file['path']}"


def _moved(entry: Mapping[str, Any]) -> str:
    using = entry["from"] or "(no profile)"
    if entry["from"] == entry["to"]:
        return f"{entry['action']:<8}{using}: {entry['code']}"
    return f"{entry['action']:<8}{using} -> {entry['to']}: {entry['code']}"


def _addresses(entry: Mapping[str, Any]) -> Iterator[str]:
    for address in entry["effective"] or ["(the tool's own default)"]:
        yield f"{'':<{_WIDTH}}uses      {address}"


def _status(data: Mapping[str, Any]) -> Iterator[str]:
    for tool, entry in data["tools"].items():
        profile = entry["profile"] or "-"
        yield f"{tool:<{_WIDTH}}{profile:<10}{entry['layer'] or '(no layer sets it)'}"
        yield from _addresses(entry)
        for layer in entry.get("layers", ()):
            yield from _layer(layer)


def _layer(layer: Mapping[str, Any]) -> Iterator[str]:
    if not layer["exists"]:
        state = "not there"
    else:
        state = (
            layer["ignored"]
            or ", ".join(f"{k} = {_spelt(v)}" for k, v in layer["values"].items())
            or "nothing"
        )
    mark = "*" if layer["target"] else " "
    yield f"{'':<{_WIDTH}}{mark} {layer['variable'] or layer['path']}: {state}"


def _spelt(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {v}" for k, v in value.items()) + "}"
    return ", ".join(value) if isinstance(value, (tuple, list)) else str(value)


def _diff(data: Mapping[str, Any]) -> Iterator[Line]:
    for diff in data["diffs"].values():
        yield from patch(diff)


def patch(diff: str) -> Iterator[Line]:
    """A unified diff."""
    tints = {"+": "green", "-": "red", "@": "cyan"}
    return (Line(line, tints.get(line[:1]), of_file=True) for line in diff.split("\n"))


def _verify(data: Mapping[str, Any]) -> Iterator[str]:
    rows = [_source(entry) for entry in data["sources"]]
    rows.insert(0, ("", "tool", "profile", "verdict", "dns", "connect", "tls", "1st byte", "cert", "source"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows if len(rows) > 1 else ():
        yield "  ".join([cell.ljust(width) for cell, width in zip(row, widths, strict=False)] + [row[-1]])
    for entry in data["sources"]:
        if not entry["ok"]:
            yield f"{entry['tool']} {entry['url']}: {entry['message']}"
            if entry["hint"]:
                yield f"  hint: {entry['hint']}"


def _source(entry: Mapping[str, Any]) -> tuple[str, ...]:
    phases = [entry["phases"][name] for name in ("dns", "connect", "tls", "first_byte")]
    days = entry["certificate_days"]
    moved = f" -> {entry['final_url']}" if entry["final_url"] and entry["final_url"] != entry["url"] else ""
    return (
        "ok" if entry["ok"] else "!!",
        entry["tool"],
        entry["profile"] or "-",
        " ".join([entry["code"], *entry["warnings"]]),
        *("-" if ms is None else f"{ms:.0f} ms" for ms in phases),
        "-" if days is None else f"{days} d",
        entry["url"] + moved,
    )


def _history(data: Mapping[str, Any]) -> Iterator[str]:
    for entry in data["generations"]:
        tools = ", ".join(f"{tool}={profile}" for tool, profile in entry["tools"].items())
        yield f"{entry['number']:>5}  {entry['time']}  {entry['reason']:<24}  {tools}"


def _recover(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"taken back  {path}" for path in data["recovered"])
    if not data["recovered"]:
        yield "There was no interrupted change."


def _config(data: Mapping[str, Any]) -> Iterator[str]:
    for name, entry in data["settings"].items():
        value = "-" if entry["value"] in (None, ()) else _spelt(entry["value"])
        # One that was asked for by name is for a script: `$(mirrorcfg config chain)`.
        yield f"{name:<15}{value:<20}{entry['origin'] or ''}".rstrip() if len(data["settings"]) > 1 else value


def _ls(data: Mapping[str, Any]) -> Iterator[str]:
    for entry in data["profiles"]:
        tools = " ".join(entry["tools"])
        yield f"{entry['name']:<12}{entry['layer']:<9}{tools:<20}{entry['title']}{_origin(entry)}"


def _origin(entry: Mapping[str, Any]) -> str:
    """Where an added profile is from."""
    if entry["origin"] is None:
        return ""
    return f"  ({entry['origin']['url']}{', edited since' if entry['origin']['edited'] else ''})"


def _show(data: Mapping[str, Any]) -> Iterator[Line]:
    return screen.lines(data["text"].rstrip("\r\n"))


def _new(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"created  {data['path']}"


def _stored(data: Mapping[str, Any]) -> Iterator[str]:
    if data["action"] != "none":
        yield f"{data['action']:<9}  {data['path']}"


def _updated(data: Mapping[str, Any]) -> Iterator[str]:
    for entry in data["profiles"]:
        action = "left" if entry["action"] == "none" else entry["action"]
        yield f"{action:<9}  {entry['path']}  ({entry['url']})"
    if not data["profiles"]:
        yield "No profile was added from anywhere."


def _check(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['name']} is well formed ({data['path']})."


def _env(data: Mapping[str, Any]) -> Iterator[str]:
    yield from data["lines"]


def _image(data: Mapping[str, Any]) -> Iterator[str]:
    yield from data["candidates"] if "--candidates" in sys.argv else [data["image"]]


def _pull(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['reference']} from {data['image']}"


def _demo(data: Mapping[str, Any]) -> Iterator[str]:
    told = [step for step in data["steps"] if step["ok"]]
    yield f"{len(told)} of {len(data['steps'])} steps went as told; nothing is left of them."


def _watch(data: Mapping[str, Any]) -> Iterator[str | Line]:
    service = data["service"]
    yield f"{service['manager']:<{_WIDTH}}{service['action']:<10}{service['path']}"
    if "--dry-run" in sys.argv:
        yield from screen.lines(service["text"].rstrip("\n"))


_DRAW: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str | Line]]] = {
    "use": _tools,
    "undo": _tools,
    "restore": _tools,
    "failover": _failover,
    "status": _status,
    "diff": _diff,
    "verify": _verify,
    "history": _history,
    "recover": _recover,
    "env": _env,
    "image": _image,
    "pull": _pull,
    "config": _config,
    "ls": _ls,
    "script": _show,
    "profile show": _show,
    "profile new": _new,
    "profile add": _stored,
    "profile update": _updated,
    "profile remove": _stored,
    "profile check": _check,
    "demo": _demo,
    "watch": _watch,
}
_TAKES_BACK: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "profile new": _added,
    "profile add": _added,
    "profile remove": _removed,
}
