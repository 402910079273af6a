"""`watch --install` and `--uninstall`: the machine runs it by itself from now on, or no more."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import interruption, writers
from mirrorcfg.errors import Exit, MirrorcfgError, PermissionDeniedError, UsageError, cancelled
from mirrorcfg.host import Host, program
from mirrorcfg.host.manager import Action, Argv, Manager, call, manager
from mirrorcfg.model.machine import Scope
from mirrorcfg.model.result import Finding, Result, Status
from mirrorcfg.profiles.search import is_path
from mirrorcfg.programs.find import SECURE
from mirrorcfg.redact import redact
from mirrorcfg.sentence import sentence
from mirrorcfg.service import Job
from mirrorcfg.whose import stranger

Consent = Callable[[str, str], bool]
"""Shown the place and the text, says yes or no."""

# What decides which files and profiles are meant, and which tools are here.
_COPIED = ("PATH", "MIRRORCFG_PROFILES", "MIRRORCFG_STATE", "MIRRORCFG_KEEP", "DOCKER_HOST")
_OF_USER = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CONFIG_DIRS")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class Placed(NamedTuple):
    """What a manager has: its kind, its place, what became of it, its text, and commands that weren't run."""

    manager: str
    path: str
    action: str
    text: str
    left_to_do: Sequence[str]


class Service(NamedTuple):
    """What has `watch` run from now on, or in a `dry_run` would."""

    service: Placed
    dry_run: bool = False


class Order(NamedTuple):
    """The options that `watch` was given; what isn't said is left to the configuration, at each look anew."""

    chain: Sequence[str] = ()
    tools: Sequence[str] = ()
    interval: float | None = None
    timeout: float | None = None
    metrics: Path | None = None


def install(
    host: Host,
    order: Order,
    scope: Scope | None = None,
    *,
    dry_run: bool = False,
    consent: Consent | None = None,
) -> Result[Service]:
    """Put it into the hands of systemd, launchd or cron, and set it running.

    Nothing is changed under `dry_run`, or where `consent` says no; where the same text is there already it is
    only seen to that it runs. Raises UsageError, PermissionDeniedError and other MirrorcfgErrors.
    """
    system = _is_system(host, scope)
    there = manager(host, system=system)
    if system:
        _only_roots()
    job, notes = _job(host, order, system=system)
    notes += [there.note] if there.note else []
    before, after = there.found(), there.text(job)
    action: Action = "unchanged" if before == after else "created" if before is None else "changed"
    if dry_run:
        return _dry(_result(there, action, after, findings=notes))
    if action != "unchanged" and consent is not None and not consent(there.place, after):
        raise cancelled()
    if action != "unchanged":
        back = ("watch", "--uninstall", *(("--scope", scope) if scope else ()))
        with interruption.held():
            there.put(job)
            interruption.did(sentence("{place} was written", place=there.place), back)
    return _carried_out(host, there, action, after, there.begin(action), notes)


def uninstall(
    host: Host, scope: Scope | None = None, *, dry_run: bool = False, consent: Consent | None = None
) -> Result[Service]:
    """Stop it and take it away. Raises as `install` does."""
    there = manager(host, system=_is_system(host, scope))
    text = there.found()
    if text is None:
        answer = _result(there, "unchanged", "")
        return _dry(answer) if dry_run else answer
    if dry_run:
        return _dry(_result(there, "removed", text))
    if consent is not None and not consent(there.place, text):
        raise cancelled()
    for argv in there.end() if there.runs else ():
        interruption.did(sentence("what was installed was stopped"))
        call(host, argv)  # it may be stopped already; what counts is what is left
    with interruption.held():
        there.remove()
        interruption.did(sentence("{place} was removed", place=there.place))
    return _carried_out(host, there, "removed", text, there.forget(), [])


def _is_system(host: Host, scope: Scope | None) -> bool:
    root = host.machine.root_user
    if sys.platform == "win32":
        raise UsageError(
            "no-service-manager", "There is nothing on Windows yet to run it.", hint="mirrorcfg watch"
        )
    if scope == "venv":
        raise UsageError(
            "no-such-scope", "Nothing runs for a virtual environment alone.", hint="--scope user"
        )
    if scope == "system" and not root:
        hint = "run it with sudo, or with --scope user"
        raise PermissionDeniedError("needs-rights", "Only root can have it run for the machine.", hint=hint)
    if scope == "user" and host.user is not None:
        raise UsageError(
            "sudo-for-user", "For the user alone it is installed without sudo.", hint="leave sudo out"
        )
    return root if scope is None else scope == "system"


def _job(host: Host, order: Order, *, system: bool) -> tuple[Job, list[Finding]]:
    """The job, and what of the environment it will have to do without. Raises ProfileError, UsageError."""
    environ = _environ(host, system)
    secret = [name for name, value in environ.items() if "://" in value and redact(value) != value]
    proxies = [name for name in host.environ if name.lower() in _PROXIES]
    both = list(_words(host, order))
    loop = [*both, *(["--interval", f"{order.interval:g}"] if order.interval else [])]
    loop += ["--metrics", str(order.metrics.absolute())] if order.metrics else []
    job = Job(
        (*program.argv(), "watch", *loop),
        (*program.argv(), "failover", *both),
        order.interval or host.config.interval,
        order.timeout or host.config.timeout,
        {name: value for name, value in environ.items() if name not in secret},
        system,
        _writable(host, order) if system else (),
        host.user is not None,
    )
    return job, [_left_out(name, system) for name in (*secret, *proxies)]


def _words(host: Host, order: Order) -> Iterator[str]:
    """The options that `watch` and `failover` share. A profile that isn't there is found out now."""
    for name in order.chain:
        host.profiles.load(name)
    if order.chain:
        paths = [str(Path(name).expanduser().absolute()) if is_path(name) else name for name in order.chain]
        yield from ("--chain", ",".join(paths))
    for tool in order.tools:
        yield from ("--tool", writers.known(tool))
    if order.timeout:
        yield from ("--timeout", f"{order.timeout:g}")


def _environ(host: Host, system: bool) -> dict[str, str]:
    """The variables that make it see what this call sees.

    root's gets nothing of a home: who called sudo is named by number, and the account's home is looked up.
    """
    if not system:
        names = [name for name in (*_COPIED, *_OF_USER) if name in host.environ]
        return {name: host.environ[name] for name in names} | {"HOME": str(host.home)}
    environ = {name: host.environ[name] for name in _COPIED if name in host.environ}
    environ["PATH"] = os.pathsep.join(filter(_is_roots, environ.get("PATH", "").split(os.pathsep))) or SECURE
    caller = {} if host.user is None else {"SUDO_UID": str(host.user.uid), "SUDO_GID": str(host.user.gid)}
    return environ | caller


def _is_roots(folder: str) -> bool:
    try:
        return Path(folder).is_absolute() and stranger(Path(folder)) is None
    except OSError:
        return False


def _writable(host: Host, order: Order) -> tuple[str, ...]:
    """The directories that root's service may write in: tools' files, our history, and what was asked for."""
    history = host.store.directory
    places = [Path("/etc"), Path("/var/snap/docker"), history if history.exists() else history.parent]
    if host.user is not None or _is_roots(str(host.home)):
        places.append(host.home)
    if order.metrics:
        places.append(order.metrics.absolute().parent)
    return tuple(map(str, places))


def _left_out(name: str, system: bool) -> Finding:
    place = "/etc/mirrorcfg/watch.env" if system else "~/.config/mirrorcfg/watch.env"
    what = sentence(
        "{name} is not copied, since it may hold a password that everybody could read there.", name=name
    )
    return Finding(
        "variable-left-out",
        what,
        sentence("where systemd runs it: write {name}=… into {place}, and chmod 600", name=name, place=place),
    )


def _only_roots() -> None:
    """root runs this from now on: nobody else may decide what it does. Raises MirrorcfgError."""
    hint = "sudo pipx install --global mirrorcfg, and install the service from there"
    if not program.isolated():
        what = "root's Python alone doesn't find this mirrorcfg: it is in a home, or found by PYTHONPATH."
        raise MirrorcfgError("program-not-roots", what, hint=hint)
    if place := program.loose():
        what = sentence(
            "root would run what is at {place}, which others than root could change.", place=place
        )
        raise MirrorcfgError("program-not-roots", what, path=str(place), hint=hint)


def _carried_out(
    host: Host, there: Manager, action: str, text: str, commands: Sequence[Argv], findings: list[Finding]
) -> Result[Service]:
    """Run the commands where the manager runs; where it doesn't, or one fails, they are said."""
    if not there.runs and commands:
        what = sentence("{name} doesn't run here, so nothing was started or stopped.", name=there.name)
        asleep = Finding("manager-not-running", what, _line(commands), None, there.place)
        return _result(there, action, text, "partial", Exit.OK, [*findings, asleep], commands)
    for at, argv in enumerate(commands):
        if complaint := call(host, argv):
            what = f"`{shlex.join(argv)}` failed: {redact(complaint)}"
            failed = Finding("manager-failed", what, _line(commands[at:]), None, there.place)
            rest = commands[at:]
            return _result(there, action, text, "partial", Exit.NOT_IN_EFFECT, [*findings, failed], rest)
    return _result(there, action, text, findings=findings)


def _line(commands: Iterable[Argv]) -> str:
    return " && ".join(map(shlex.join, commands))


def _dry(answer: Result[Service]) -> Result[Service]:
    return answer._replace(data=answer.data._replace(dry_run=True))


def _result(
    there: Manager,
    action: str,
    text: str,
    status: Status | None = None,
    code: Exit = Exit.OK,
    findings: Sequence[Finding] = (),
    left: Sequence[Argv] = (),
) -> Result[Service]:
    left_to_do = [shlex.join(argv) for argv in left]
    placed = Placed(there.name, there.place, action, text, left_to_do)
    status = status or ("unchanged" if action == "unchanged" else "ok")
    return Result("watch", Service(placed), status, code, findings)
