"""What a daemon.json names and dockerd 20.10 doesn't find on this machine, so that it wouldn't start.

Source of the rules: moby's source; each was tried on dockerd 20.10.24.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirrorcfg.activation import goform
from mirrorcfg.activation.shapes import Misfit, field
from mirrorcfg.sentence import sentence

_RANGES = Path("/etc/subuid")
_FILES = "tlscacert", "tlscert", "tlskey"


def misfit(content: Mapping[str, Any], flags: Mapping[str, Any]) -> tuple[str, Misfit] | None:
    """The key at fault and what is wrong with it; the values are right by themselves (`options.wrong`)."""
    tls = content.get("tls") or "tlsverify" in content
    if (
        tls
        and not flags.keys() & {"tls", "tlsverify"}
        and not (content.get("tlscert") and content.get("tlskey"))
    ):
        return ("tls" if "tls" in content else "tlsverify"), Misfit(
            "", sentence("given with tlscert and tlskey")
        )
    for name in ("seccomp-profile", *(_FILES if tls else ())):
        if not _is_there(content.get(name) or ""):
            return name, Misfit("", sentence("the path of a file"))
    default = content.get("default-runtime") or ""
    runtime = (content.get("runtimes") or {}).get(default) or {}
    path = field(runtime, "path") or ""
    if field(runtime, "runtimeargs") and not (path and _is_there(path)):
        return "runtimes", Misfit(f".{default}.path", sentence("the path of a program"))
    group = content.get("group") or "docker"  # which may be missing
    if group != "docker" and _has_sockets(content) and not _is_group(group, known=False):
        return "group", Misfit("", sentence("a group of this machine"))
    if not _is_owner(content.get("userns-remap") or "root"):
        return "userns-remap", Misfit(
            "", sentence("default, or a user of this machine with a range in {ranges}", ranges=_RANGES)
        )
    return None


def _is_there(path: str) -> bool:
    """A file, or what only others can tell: whoever may see it, or a daemon with a folder of its own."""
    try:
        return not Path(path).is_absolute() or Path(path).is_file()
    except (OSError, ValueError):
        return True


def _has_sockets(content: Mapping[str, Any]) -> bool:
    hosts = [host or "" for host in content.get("hosts") or ("",)]
    return any(not host.strip() or host.strip().startswith("unix://") for host in hosts)


def _is_group(name: str, *, known: bool = True) -> bool:
    """Of this machine; a number needn't be `known`."""
    import grp

    number = goform.integer(name)
    if number is not None and not known:
        return True
    return any(name == each.gr_name or number == each.gr_gid for each in grp.getgrall())


def _is_owner(text: str) -> bool:
    import pwd

    name, colon, group = text.partition(":")
    if name == "default" or (colon and not _is_group(group)):
        return name == "default"
    number = goform.integer(name)
    users = [each.pw_name for each in pwd.getpwall() if number == each.pw_uid or name == each.pw_name]
    return bool(users) and (users[0] == "root" or _has_range(users[0]))


def _has_range(user: str) -> bool:
    try:
        return any(line.partition(":")[0] == user for line in _RANGES.read_text().splitlines())
    except (OSError, ValueError):
        return False
