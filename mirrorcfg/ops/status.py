"""`status`: what each tool uses now, which layer says so, and whether that is what mirrorcfg left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.activation import FILES
from mirrorcfg.errors import Exit, MirrorcfgError
from mirrorcfg.host import Host, others
from mirrorcfg.host.claim import Claim, claim, claim_of, claims
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Value
from mirrorcfg.sentence import clause, sentence
from mirrorcfg.wording import pasted


class LayerState(NamedTuple):
    """One layer, and what stands in it in the tool's own words; one that `wins` says what is asked."""

    name: str
    path: str | None
    variable: str | None
    exists: bool
    ignored: str | None
    target: bool
    values: Mapping[str, Value]
    wins: bool


class ToolStatus(NamedTuple):
    """What a tool asks, which layer says so, and whether that is what mirrorcfg left.

    `file` is the one of mirrorcfg's that counts here, and is set to `profile`, and `scope` whose it is: all
    None where what the tool uses is none of mirrorcfg's. Where a program asks that nobody here can ask in
    turn, that is `unknown`. `out_of_step` are the addresses that a running program uses in the place of its
    file's; `layers` is None where they weren't asked for.
    """

    profile: str | None
    effective: Sequence[str]
    layer: str | None
    shadowed_by: Sequence[str]
    drifted: bool
    unknown: bool
    out_of_step: Sequence[str] | None
    layers: Sequence[LayerState] | None
    file: str | None = None
    scope: Scope | None = None


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
    there = others.other(host)
    data: dict[str, ToolStatus] = {}
    findings: list[Finding] = []
    unread = False
    for tool in tools or writers.names():
        try:
            layers = layers_of(host, tool)
            seen, told = others.overlaid(host, layers, head, there)
            found = _claim(layers, seen)
            if tools or layers.present or found:
                entry = data[tool] = _tool(host, layers, found, explain=explain)
                findings += [*told, *_besides(layers, found, seen)]
                strange = found is None or str(found.path) != entry.layer
                findings += others.unknown(layers, entry.layer if strange else None, there)
                effective = layers.effective
                findings += [each.naming(data[tool].profile) for each in effective.doubts]
                findings += [Finding("other-command", warning, None, tool) for warning in effective.warnings]
        except MirrorcfgError as error:
            findings.append(Finding.of(error, tool))
            unread = True
    findings += [finding for tool, entry in data.items() for finding in _findings(tool, entry)]
    amiss = any(
        entry.shadowed_by or entry.drifted or entry.out_of_step is not None for entry in data.values()
    )
    findings += host.configuration.findings
    shown = Status(head.number if head else None, data)
    if amiss:
        return Result("status", shown, "shadowed", Exit.NOT_IN_EFFECT, findings)
    if unread:
        return Result("status", shown, "failed", Exit.FAILED, findings)
    return Result("status", shown, findings=findings)


def _claim(layers: ToolLayers, head: Generation | None) -> Claim | None:
    """What counts here; where the tool asks a program that is elsewhere, what would if it didn't."""
    if any(layer.beyond for layer in layers.layers):
        return claim_of(layers.host, layers.tool, head)
    return claim(layers, head)


def _tool(host: Host, layers: ToolLayers, found: Claim | None, *, explain: bool) -> ToolStatus:
    effective = layers.effective
    origins = [
        layer
        for source in layers.writer.sources(effective.settings)
        for layer in effective.origins[source.role]
    ]
    beyond = [layer for layer in layers.layers if layer.beyond]
    shadows = found.shadows if found else []
    shadowing = [*(beyond if found else ()), *(layer for shadow in shadows for layer in shadow.layers)]
    return ToolStatus(
        found.profile if found else None,
        layers.asked(),
        next((layer.label for layer in [*origins, *beyond]), None),
        list(dict.fromkeys(layer.label for layer in shadowing)),
        found is not None and found.drifted,
        any(layer.value is None for layer in beyond),
        _out_of_step(host, layers),
        [_layer(layers, reading) for reading in layers.readings] if explain else None,
        str(found.path) if found else None,
        found.scope if found else None,
    )


def _besides(layers: ToolLayers, found: Claim | None, head: Generation | None) -> list[Finding]:
    """Other files of the tool's that mirrorcfg set, and that don't count here; and why."""
    explain, tool = "mirrorcfg status --explain", layers.tool
    overruled = [
        Finding(
            "overruled",
            sentence(
                "{tool} takes {path} ({profile}) over {other} ({name}); mirrorcfg set both.",
                tool=tool,
                path=found.path,
                profile=found.profile,
                other=each.path,
                name=each.profile,
            ),
            explain,
            tool,
        )
        for each in claims(layers, head)
        if found is not None and each.path != found.path and each.profile != found.profile
    ]
    files = head.files if head else {}
    unread = [
        Finding(
            "not-read",
            sentence(
                "{path} is set to {profile}, but {tool} doesn't read it here: {why}.",
                path=layer.path,
                profile=kept.profile,
                tool=tool,
                why=clause(layer.ignored),
            ),
            explain,
            tool,
        )
        for layer in layers.layers
        if layer.ignored and not layer.ignored_by and not layer.part
        for kept in [files.get(str(layer.path))]
        if kept is not None and kept.profile is not None and kept.tool == tool
    ]
    return [*overruled, *unread]


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
        any(layer == each for each in _winning(layers)),
    )


def _winning(layers: ToolLayers) -> list[Layer]:
    """The layers that say what the tool asks."""
    effective = layers.effective
    if effective.asked is not None:
        return [each.layer for each in effective.asked]
    sources = layers.writer.sources(effective.settings)
    first = [each.layer for each in effective.first]
    return [*first, *(layer for each in sources for layer in effective.origins.get(each.role, ())[:1])]


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


def _findings(tool: str, entry: ToolStatus) -> list[Finding]:
    found = []
    scope = ("--scope", entry.scope) if entry.scope not in (None, "user") else ()
    if entry.shadowed_by:
        by = ", ".join(entry.shadowed_by)
        variables = all(each.replace("_", "").isalnum() and each.isupper() for each in entry.shadowed_by)
        look = f"unset {' '.join(entry.shadowed_by)}" if variables else "mirrorcfg status --explain"
        found.append(
            Finding(
                "shadowed",
                sentence("{by} wins over what mirrorcfg wrote for {tool}.", by=by, tool=tool),
                look,
                tool,
            )
        )
    if entry.drifted:
        found.append(
            Finding(
                "drifted",
                sentence("Somebody else changed what mirrorcfg set for {tool}.", tool=tool),
                pasted("use", str(entry.profile), "--tool", tool, *scope),
                tool,
            )
        )
    if entry.out_of_step is not None:
        uses = ", ".join(entry.out_of_step) or sentence("no mirror")
        profile = entry.profile
        found.append(
            Finding(
                "out-of-step",
                sentence(
                    "The {tool} daemon that runs uses {uses}, and not what its file says.",
                    tool=tool,
                    uses=uses,
                ),
                pasted("use", profile, "--tool", tool, sudo=True)
                if profile
                else f"sudo systemctl reload {tool}",
                tool,
            )
        )
    return found
