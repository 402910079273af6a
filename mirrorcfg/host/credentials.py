"""The credentials that a tool would send, from where that tool finds them; only probes get them."""

from __future__ import annotations

import base64
import io
import json
import netrc
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from mirrorcfg.errors import MirrorcfgError, ProgramError
from mirrorcfg.host import Host
from mirrorcfg.model.client import Client, Logins
from mirrorcfg.model.plan import User

_LARGEST = 1 << 20  # bytes; of real files none comes near
# Where a helper finds the keys of who is logged in.
_SESSION = (
    "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNUPGHOME", "GPG_TTY",
    "PASSWORD_STORE_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
)  # fmt: skip


def split(host: Host, client: Client, url: str) -> tuple[str, str | None]:
    """The address without a user in it, and the value of the Authorization header for it.

    A user in the address comes first; then the file where the client has its logins.
    """
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if parts.username:
        return bare, _basic(unquote(parts.username), unquote(parts.password or ""))
    if host.root is not None or not parts.hostname or client.logins is None:
        return bare, None
    if client.logins.form == "netrc":
        return bare, _netrc(host, Path(client.logins.path), parts.hostname)
    return bare, _registry(host, client.logins, parts.netloc)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _netrc(host: Host, path: Path, name: str) -> str | None:
    """As requests reads it."""
    try:
        found = _Logins((_read(host, path) or b"").decode()).authenticators(name)
    except (netrc.NetrcParseError, UnicodeDecodeError):
        return None
    return _basic(found[0] or "", found[2] or "") if found else None


class _Logins(netrc.netrc):
    """What a netrc file's text says: the library itself would open the file, whatever and whose it is."""

    def __init__(self, text: str) -> None:
        self.hosts, self.macros = {}, {}
        self._parse("netrc", io.StringIO(text), False)  # type: ignore[attr-defined]


def _read(host: Host, path: Path) -> bytes | None:
    """A file of the user's, with that user's rights; None where there is none to be had."""
    try:
        return host.read(path, _LARGEST)
    except MirrorcfgError:
        return None


def _registry(host: Host, logins: Logins, place: str) -> str | None:
    """A helper for this registry, or for all, or the text itself."""
    file = Path(logins.path)
    try:
        config = json.loads(_read(host, file) or b"")
    except (ValueError, RecursionError):
        return None
    if not isinstance(config, dict):
        return None
    helper = _mapping(config, "credHelpers").get(place) or config.get("credsStore")
    program = f"{logins.helper}{helper}" if isinstance(helper, str) else ""
    if program and (found := _helped(host, host.rights(file), program, place)):
        return found
    auths = _mapping(config, "auths")
    entry = auths.get(place) or auths.get(f"https://{place}")
    coded = entry.get("auth") if isinstance(entry, dict) else None
    return f"Basic {coded}" if isinstance(coded, str) and re.fullmatch(r"[!-~]+", coded) else None


def _mapping(config: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = config.get(key)
    return found if isinstance(found, dict) else {}


def _helped(host: Host, user: User | None, helper: str, place: str) -> str | None:
    """Ask that program, as the tool does, with the rights of whoever named it."""
    from mirrorcfg.programs.environment import kept
    from mirrorcfg.programs.run import Order, run

    program = host.machine.which(helper) if helper.replace("-", "").isalnum() else None
    if program is None:
        return None
    environ = kept(_SESSION, host.environ, user.uid if user else 0)
    try:
        done = run(Order((str(program), "get"), user, environ, place.encode(), seconds=10))
        answer = None if done.code else json.loads(done.out)
    except (ProgramError, ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or "Username" not in answer:
        return None
    return _basic(str(answer["Username"]), str(answer.get("Secret", "")))
