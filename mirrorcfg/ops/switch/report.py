"""What the commands that change files answer: one shape for `use`, `undo` and `restore`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from mirrorcfg.errors import Exit
from mirrorcfg.host import Host
from mirrorcfg.host.layers import Shadow, ToolLayers
from mirrorcfg.model.generation import Generation
from mirrorcfg.model.layer import Barred, Layer
from mirrorcfg.model.plan import Change
from mirrorcfg.model.result import Finding, Status
from mirrorcfg.ops.switch.editing import Step
from mirrorcfg.ops.switch.proposal import Verified
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import pasted


class Written(NamedTuple):
    """What became of a file: `created`, `changed`, `removed`, `unchanged` or `skipped`."""

    path: str
    action: str


class Switched(NamedTuple):
    """What was done to one tool: its profile now, its files, what it asks, and what wins over them."""

    profile: str | None
    files: Sequence[Written]
    effective: Sequence[str]
    shadowed_by: Sequence[str]


class Switch(NamedTuple):
    """What a command changed, or in a `dry_run` would; `generation` is None where none was made.

    `verified` is None where no source was asked first.
    """

    changed: bool = False
    generation: int | None = None
    tools: Mapping[str, Switched] = MappingProxyType({})
    verified: Verified | None = None
    dry_run: bool = False

    @classmethod
    def of(
        cls,
        changed: bool,
        generation: Generation | None,
        tools: Mapping[str, Switched],
        *,
        dry_run: bool = False,
    ) -> Switch:
        """That of a change that is done, or was only looked at."""
        number = generation.number if generation else None
        return Switch(changed or generation is not None, number, tools, dry_run=dry_run)


def switched(
    profile: str | None,
    changes: Iterable[Change],
    layers: ToolLayers | None = None,
    shadows: Sequence[Shadow] = (),
    skipped: str | None = None,
) -> Switched:
    """One tool's part; `skipped` is a file that was left as it is."""
    files = [Written(str(change.path), change.action) for change in changes]
    return Switched(
        profile,
        [Written(skipped, "skipped"), *files] if skipped else files,
        layers.asked() if layers else [],
        labels(shadows),
    )


def labels(shadows: Sequence[Shadow]) -> list[str]:
    """The variables and files that win over what was meant."""
    return list(dict.fromkeys(layer.label for shadow in shadows for layer in shadow.layers))


def shadow_findings(step: Step, shadows: Sequence[Shadow], layers: ToolLayers | None = None) -> list[Finding]:
    """For each layer that wins: what it makes the tool use, and what mends it."""
    found: dict[str, Finding] = {}
    for shadow in shadows:
        if not shadow.layers:
            why = _passed_over(layers) or "though no layer says so"
            message = sentence(
                "{tool}'s {key} is not that of {profile}, {why}.",
                tool=step.tool,
                key=shadow.key,
                profile=step.profile,
                why=why,
            )
            found.setdefault("", Finding("not-in-effect", message, "mirrorcfg status --explain", step.tool))
        for layer in shadow.layers:
            value = sentence("not set") if shadow.value is None else _value(shadow.value)
            message = sentence(
                "{label} wins over the {profile} setting: {tool}'s {key} is {value}.",
                label=layer.label,
                profile=step.profile,
                tool=step.tool,
                key=shadow.key,
                value=value,
            )
            barred = _barred(layers, layer)
            mend = barred.mend if barred else None
            found.setdefault(
                layer.label,
                Finding(
                    "shadowed",
                    barred.why if barred and barred.why else message,
                    mend or _mend(step, layer, shadow),
                    step.tool,
                    None if layer.path is None else str(layer.path),
                ),
            )
    return list(found.values())


def untrusted(host: Host, step: Step, layers: ToolLayers | None) -> list[Finding]:
    """Where the tool can't be told of the profile's CA, and what this machine trusts hasn't got it either."""
    if step.untold is None or host.root is not None:  # what an image will trust isn't known here
        return []
    from mirrorcfg import verifier
    from mirrorcfg.host import clients

    if verifier.trusts(clients.client(host, step.tool, layers), step.untold):
        return []
    message = sentence(
        "{tool} can't be told of a CA, and this machine doesn't trust {profile}'s.",
        tool=step.tool,
        profile=step.profile,
    )
    debian = host.machine.is_dir(host.machine.path("/usr/local/share/ca-certificates"))
    store = sentence(
        "/usr/local/share/ca-certificates/{profile}.crt && sudo update-ca-certificates", profile=step.profile
    )
    hint = f"sudo cp {step.untold} {store}" if debian else f"sudo trust anchor {step.untold}"
    return [Finding("ca-not-in-effect", message, hint, step.tool)]


def first_findings(step: Step, layers: ToolLayers | None) -> list[Finding]:
    """What the tool asks before the profile's sources: somebody meant it, and may have forgotten."""
    return [
        Finding(
            "asked-first",
            sentence(
                "{tool} asks {url} before what {profile} says; {label} has it.",
                tool=step.tool,
                url=source.url,
                profile=step.profile,
                label=layer.label,
            ),
            _unmeant(layer),
            step.tool,
            None if layer.path is None else str(layer.path),
        )
        for source, layer in (layers.effective.first if layers else ())
    ]


def beside_findings(step: Step, layers: ToolLayers | None) -> list[Finding]:
    """What the tool asks beside the profile's sources because the user has it somewhere."""
    if layers is None or not step.settings:
        return []
    found: dict[Layer, list[str]] = {}
    for source, layer in layers.beside(step.settings):
        found.setdefault(layer, []).append(source.url)
    return [
        Finding(
            "asked-beside",
            sentence(
                "{tool} asks {urls} beside what {profile} says; {label} has it.",
                tool=step.tool,
                urls=", ".join(urls),
                profile=step.profile,
                label=layer.label,
            ),
            _unmeant(layer),
            step.tool,
            None if layer.path is None else str(layer.path),
        )
        for layer, urls in found.items()
    ]


def _unmeant(layer: Layer) -> str:
    """What takes it away."""
    if layer.variable:
        return sentence("where it isn't meant: unset {variable}", variable=layer.variable)
    return sentence("where it isn't meant: edit {place}", place=layer.path or layer.label)


def outcome(changed: bool, shadowed: bool, skipped: bool) -> tuple[Status, Exit]:
    """Status and exit code of a command that may have changed files."""
    if shadowed:
        return "shadowed", Exit.NOT_IN_EFFECT
    if skipped:
        return "partial", Exit.OK
    return ("ok" if changed else "unchanged"), Exit.OK


def _barred(layers: ToolLayers | None, layer: Layer) -> Barred | None:
    """What is known of a layer that keeps the tool from asking."""
    found = layers.effective.barred if layers else None
    return found if found and found.layer == layer else None


def _passed_over(layers: ToolLayers | None) -> str | None:
    """Why the file that was written doesn't count."""
    target = layers.target if layers else None
    return (
        sentence("as {path} isn't read: {ignored}", path=target.path, ignored=target.ignored)
        if target and target.ignored
        else None
    )


def _mend(step: Step, layer: Layer, shadow: Shadow) -> str:
    if layer.variable is not None:
        return f"unset {layer.variable}"
    if layer.mend is not None:
        return layer.mend
    if layer.is_tool:
        return pasted("use", step.called, "--tool", step.tool)
    if layer.led_by is not None:
        sudo = [] if step.layers is None or step.layers.host.is_root else ["sudo"]
        use = pasted("use", step.called, "--tool", step.tool, "--scope", "system")
        return f"{shlex.join([*sudo, 'env', layer.led_by])} {use}"
    if layer.target and step.layers is not None and step.layers.effective.asked is not None:
        return sentence("take what names others out of {key} in {path}", key=shadow.key, path=layer.path)
    if layer.target:
        key = "no-index" if shadow.value is None and "no-index" not in step.settings else shadow.key
        return sentence("take {key} out of {path}", key=key, path=layer.path)
    if layer.scope == "system":
        return pasted("use", step.called, "--tool", step.tool, "--scope", "system", sudo=True)
    if layer.scope == "venv":
        return pasted("use", step.called, "--tool", step.tool, "--scope", "venv")
    return sentence("take {key} out of {path}", key=shadow.key, path=layer.path)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {base}" for name, base in value.items())
    return ", ".join(value) if isinstance(value, tuple) else str(value)
