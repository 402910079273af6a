"""Which files of a mere folder a tool would take, asked of the tool that is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mirrorcfg.host import Host, official
from mirrorcfg.model.verdict import Probe
from mirrorcfg.writers import Question, writer


def told(host: Host, probes: Sequence[Probe]) -> list[Probe]:
    """These with the files to ask for, as far as the tools tell; each is started once for a role."""
    answers: dict[tuple[str, str], tuple[str, ...]] = {}
    for probe in probes:
        if probe.files == () and (key := (probe.tool, probe.role)) not in answers:
            answers[key] = _asked(host, *key)
    return [
        replace(probe, files=answers[probe.tool, probe.role]) if probe.files == () else probe
        for probe in probes
    ]


def _asked(host: Host, tool: str, role: str) -> tuple[str, ...]:
    about = writer(tool).TOOL
    program = host.machine.which(about.programs[0]) if host.root is None else None
    if program is None:
        return ()
    folder = about.folders[role]
    answer = official.answered(Question((str(program), *folder.words), folder.pattern), host.user)
    return (answer,) if answer else ()
