"""Probes as the tools' clients would send them, and the verifier with an environment of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirrorcfg import verifier
from mirrorcfg.host import Host
from mirrorcfg.model.client import Client
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.writers import writer


def client(tool: str, environ: Mapping[str, str] | None = None) -> Client:
    """That of a tool with no file of its own here."""
    machine = Machine(
        sys.platform,
        Path.home(),
        environ=environ or {},
        is_file=lambda path: Path(path).is_file(),
        version=Host.version,
        given=lambda program: environ,
    )
    return writer(tool).client((), machine)


def probe(tool: str, role: str, url: str, *more: str | None, **named: str | None) -> Probe:
    """The rest is as in `Probe`."""
    return Probe(client(tool), role, url, *more, **named)


def fields(probe: Probe) -> dict[str, Any]:
    """What `probe` makes it of again."""
    return {
        key: getattr(probe, key) for key in ("tool", "role", "url", "profile", "ca_file", "authorization")
    }


def verify(probes: Iterable[Probe], *, environ: Mapping[str, str], **options: Any) -> list[Verdict]:
    """As the real one, each client with these variables."""
    told = [replace(each, client=client(each.tool, environ)) for each in probes]
    return verifier.verify(told, **options)
