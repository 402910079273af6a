"""`uninstall`: every file as it was before mirrorcfg first ran, and what is left to delete then."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import MirrorcfgError, UsageError
from mirrorcfg.host import Host, program
from mirrorcfg.model import places
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.ops.switch import restore
from mirrorcfg.ops.switch.proposal import Consent
from mirrorcfg.ops.switch.report import Switch, Switched
from mirrorcfg.ops.watching import service
from mirrorcfg.ops.watching.service import Placed


class Left(NamedTuple):
    """Something of mirrorcfg's that is still here, and the command that deletes it."""

    path: str
    command: str


class Uninstalled(NamedTuple):
    """What was put back, the services that were taken away, and what is left."""

    changed: bool
    generation: int | None
    tools: Mapping[str, Switched]
    services: Sequence[Placed]
    left: Sequence[Left]


def uninstall(
    host: Host,
    *,
    command: str,
    dry_run: bool = False,
    consent: Consent | None = None,
    service_consent: service.Consent | None = None,
) -> Result[Uninstalled]:
    """Stop what looks at sources, then put all files back in one transaction.

    The history stays, as the way back from this: deleting it is left to a person. Raises MirrorcfgError.
    """
    stopped = list(_stopped(host, dry_run, service_consent))
    back: Result[Switch] = Result("restore", Switch(), "unchanged")
    if host.store.head() is not None:
        try:
            back = restore.restore(host, 0, command=command, dry_run=dry_run, consent=consent)
        except MirrorcfgError as error:
            if not stopped or error.code != "cancelled":
                raise
            kept = Finding(error.code, "Cancelled; the files stay as they are.")
            back = back._replace(exit=error.exit, findings=[kept])
    changed = back.data.changed or any(each.data.service.action == "removed" for each in stopped)
    services = [each.data.service for each in stopped]
    data = Uninstalled(changed, back.data.generation, back.data.tools, services, list(_left(host)))
    findings: list[Finding] = [*(note for each in stopped for note in each.findings), *back.findings]
    return Result("uninstall", data, "ok" if changed else "unchanged", back.exit, findings)


def _stopped(host: Host, dry_run: bool, consent: service.Consent | None) -> Iterator[Result[service.Service]]:
    """What became of each service that there is: root's may be for the machine, or for root."""
    scopes: list[Scope] = [] if host.root is not None else ["user"] if host.user is None else []
    if host.root is None and host.is_root:
        scopes.insert(0, "system")
    for scope in scopes:
        with suppress(UsageError):  # nothing here could run one
            found = service.uninstall(host, scope, dry_run=dry_run, consent=consent)
            if found.data.service.action != "unchanged":
                yield found


def _left(host: Host) -> Iterator[Left]:
    """The history, the configuration with its profiles, and the program."""
    system = places.of_system(host.environ, host.machine.platform, host.root)
    folders = [host.store.directory, system if host.root is not None or host.is_root else None]
    folders += [places.of_user(host.environ, host.home, host.machine.platform)] if host.root is None else []
    for folder in folders:
        if folder is not None and folder.exists():
            yield Left(str(folder), shlex.join(["rm", "-r", str(folder)]))
    if host.root is None:
        yield _program()


def _program() -> Left:
    """The program, and what takes it away: whatever put it there."""
    prefix, argv = Path(sys.prefix), program.argv()
    if argv[-1].endswith(".pyz"):
        return Left(argv[-1], shlex.join(["rm", argv[-1]]))
    if prefix.parent.name == "venvs" and "pipx" in prefix.parts:
        return Left(str(prefix), "pipx uninstall mirrorcfg")
    if prefix.parent.name == "tools" and (prefix / "uv-receipt.toml").is_file():
        return Left(str(prefix), "uv tool uninstall mirrorcfg")
    if (metadata.distribution("mirrorcfg").read_text("INSTALLER") or "").strip() == "uv":
        return Left(
            str(prefix), shlex.join(["uv", "pip", "uninstall", "--python", sys.executable, "mirrorcfg"])
        )
    return Left(str(prefix), shlex.join([sys.executable, "-m", "pip", "uninstall", "mirrorcfg"]))
