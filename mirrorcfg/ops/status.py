"""`status`: what each tool uses now, which layer says so, and whether that is what mirrorcfg left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.activation import FILES
from mirrorcfg.errors import Exit, MirrorcfgError
from mirrorcfg.host import Host
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.generation import Generation, Kept
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Value
from mirrorcfg.sentence import sentence


class LayerState(NamedTuple):
    """One layer, and what stands in it in the tool's own words."""

    name: str
    path: str | None
    variable: str | None
    exists: bool
    ignored: str | None
    target: bool
    values: Mapping[str, Value]


class ToolStatus(NamedTuple):
    """What a tool asks, which layer says so, and whether that is what mirrorcfg left.

    Where a program asks that nobody here can ask in turn, that is `unknown`. `out_of_step` are the addresses
    that a running program uses in the place of its file's; `layers` is None where they weren't asked for.
    """

    profile: str | None
    effective: Sequence[str]
    layer: str | None
    shadowed_by: Sequence[str]
    drifted: bool
    unknown: bool
    out_of_step: Sequence[str] | None
    layers: Sequence[LayerState] | None


class Status(NamedTuple):
    """The latest generation, and every tool that is here."""

    generation: int | None
    tools: Mapping[str, ToolStatus]


def status(host: Host, tools: Sequence[str] = (), *, explain: bool = False) -> Result[Status]:
    """Look at every tool that is here, or at those named. A file that can't be read is a finding."""
    for tool in tools:
        writers.known(tool)
    host.store.settle()
    head = host.store.head()
    data: dict[str, ToolStatus] = {}
    findings: list[Finding] = []
    unread = False
    for tool in tools or writers.names():
        try:
            layers = layers_of(host, tool)
            if tools or layers.present or (head and tool in head.tools):
                data[tool] = _tool(host, layers, head, explain=explain)
                effective = layers.effective
                findings += effective.doubts
                findings += [Finding("other-command", warning, None, tool) for warning in effective.warnings]
        except MirrorcfgError as error:
            findings.append(Finding.of(error, tool))
            unread = True
    findings += [finding for tool, entry in data.items() for finding in _findings(tool, entry)]
    amiss = any(
        entry.shadowed_by or entry.drifted or entry.out_of_step is not None for entry in data.values()
    )
    found = Status(head.number if head else None, data)
    if amiss:
        return Result("status", found, "shadowed", Exit.NOT_IN_EFFECT, findings)
    if unread:
        return Result("status", found, "failed", Exit.FAILED, findings)
    return Result("status", found, findings=findings)


def _tool(host: Host, layers: ToolLayers, head: Generation | None, *, explain: bool) -> ToolStatus:
    effective = layers.effective
    profile = head.tools.get(layers.tool) if head else None
    origins = [
        layer
        for source in layers.writer.sources(effective.settings)
        for layer in effective.origins[source.role]
    ]
    beyond = [layer for layer in layers.layers if layer.beyond]
    shadows = layers.shadows(layers.own()) if profile else []
    shadowing = [*(beyond if profile else ()), *(layer for shadow in shadows for layer in shadow.layers)]
    return ToolStatus(
        profile,
        layers.asked(),
        next((layer.label for layer in [*origins, *beyond]), None),
        list(dict.fromkeys(layer.label for layer in shadowing)),
        drifted(host, layers, head),
        any(layer.value is None for layer in beyond),
        _out_of_step(host, layers),
        [_layer(layers, reading) for reading in layers.readings] if explain else None,
    )


def _layer(layers: ToolLayers, reading: Reading) -> LayerState:
    layer = reading.layer
    return LayerState(
        layer.name,
        None if layer.path is None else str(layer.path),
        layer.variable,
        layer.variable is not None or layers.content(layer) is not None,
        layer.ignored,
        layer.target,
        {layer.variable: layer.value or ""} if layer.variable else dict(reading.values),
    )


def _out_of_step(host: Host, layers: ToolLayers) -> list[str] | None:
    """What a running program uses in place of what its file says; None: nothing else, or nobody can tell."""
    path = layers.file
    if host.root is not None or path is None or FILES.get(layers.tool) != path.suffix:
        return None
    engine = host.machine.engine()
    if engine is None or not engine.version or engine.file is None or host.real(engine.file) != path:
        return None
    origins = [layer for found in layers.effective.origins.values() for layer in found]
    if any(layer.path is not None and not layer.target for layer in origins):
        return None  # what is asked stands in another file, of which the program says nothing
    uses = list(engine.mirrors)
    return None if uses == [url.rstrip("/") for url in layers.asked()] else uses


def drifted(host: Host, layers: ToolLayers, head: Generation | None) -> bool:
    """Has someone else changed a key that mirrorcfg set? Other edits of theirs are no drift."""
    files = head.files.items() if head else ()
    return any(_differs(host, layers, Path(name), kept) for name, kept in files if kept.tool == layers.tool)


def _differs(host: Host, layers: ToolLayers, path: Path, kept: Kept) -> bool:
    from mirrorcfg.store import digest

    known = path in layers.contents  # not a file of another scope, and no certificate
    now = layers.contents[path] if known else host.store.read(path, host.rights(path))
    if digest(now) == kept.after:
        return False
    left, origin = host.store.images(kept.after, kept.origin)
    if host.is_certificate(path):
        from mirrorcfg.host import certificates

        return certificates.drifted(now, left)
    text = layers.text(now)
    return layers.writer.revert(text, layers.text(origin), layers.text(left)) != text


def _findings(tool: str, entry: ToolStatus) -> list[Finding]:
    found = []
    if entry.shadowed_by:
        by = ", ".join(entry.shadowed_by)
        found.append(
            Finding(
                "shadowed",
                sentence("{by} wins over what mirrorcfg wrote for {tool}.", by=by, tool=tool),
                "mirrorcfg status --explain",
                tool,
            )
        )
    if entry.drifted:
        found.append(
            Finding(
                "drifted",
                sentence("Somebody else changed what mirrorcfg set for {tool}.", tool=tool),
                f"mirrorcfg use {entry.profile} --tool {tool}",
                tool,
            )
        )
    if entry.out_of_step is not None:
        uses = ", ".join(entry.out_of_step) or "no mirror"
        profile = entry.profile
        found.append(
            Finding(
                "out-of-step",
                sentence(
                    "The {tool} daemon that runs uses {uses}, and not what its file says.",
                    tool=tool,
                    uses=uses,
                ),
                f"sudo mirrorcfg use {profile} --tool {tool}" if profile else f"sudo systemctl reload {tool}",
                tool,
            )
        )
    return found
