"""The credentials that a tool would send, from where that tool finds them; only probes get them."""

from __future__ import annotations

import base64
import io
import json
import netrc
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from mirrorcfg.errors import MirrorcfgError, ProgramError
from mirrorcfg.host import Host
from mirrorcfg.model.client import Client, Logins
from mirrorcfg.model.plan import User

_ENTRY = ("service", "username", "password")
_ADDRESS = re.compile("https?://")
_OLDEST = ".dockercfg"
_LARGEST = 1 << 20  # bytes; of real files none comes near
# Where a helper finds the keys of who is logged in.
_SESSION = (
    "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNUPGHOME", "GPG_TTY",
    "PASSWORD_STORE_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
)  # fmt: skip


def split(host: Host, client: Client, url: str) -> tuple[str, str | None]:
    """The address without a user in it, and the value of the Authorization header for it.

    What the address says comes first, then the client's account for it, then the files with its logins.
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    bare = urlunsplit(parts._replace(netloc=place))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.password is not None:
        return bare, _basic(user, password)
    if not user and (account := client.accounts.get(bare)):
        return bare, _basic(*account)
    for logins in client.logins if host.root is None and parts.hostname else ():
        if user and logins.of == "nobody":
            continue
        only = user if user and logins.of == "same" else None
        name = "" if user and logins.of == "default" else parts.hostname or ""
        match logins.form:
            case "netrc":
                found = _netrc(host, Path(logins.path), name, only)
            case "services":
                found = _stored(host, Path(logins.path), bare, only)
            case _:
                found = _registry(host, logins, place, parts.path.strip("/"))
        if found:
            return bare, found
    return bare, _basic(user, password) if user else None


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _netrc(host: Host, path: Path, name: str, only: str | None) -> str | None:
    """As requests and uv read it: the last entry of a host counts, or with `only` if it is of that user."""
    try:
        found = _Logins((_read(host, path) or b"").decode()).authenticators(name)
    except (netrc.NetrcParseError, UnicodeDecodeError):
        return None
    if not found or (only is not None and found[0] != only):
        return None
    return _basic(found[0] or "", found[2] or "")


def _stored(host: Host, path: Path, url: str, only: str | None) -> str | None:
    """Credentials by the beginning of an address."""
    try:
        entries = tomllib.loads((_read(host, path) or b"").decode()).get("credential")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return None
    for entry in entries if isinstance(entries, list) else ():
        said = [entry.get(key) for key in _ENTRY] if isinstance(entry, dict) else []
        service, user, password = (each if isinstance(each, str) else "" for each in said or ("", "", ""))
        if service and f"{url}/".startswith(f"{service.rstrip('/')}/") and only in (None, user):
            return _basic(user, password)
    return None


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


def _registry(host: Host, logins: Logins, place: str, path: str) -> str | None:
    """A helper for this registry, else the entry of the longest name; last what docker's old forms call it.

    Source: containers-auth.json(5), and containers/image's pkg/docker/config.
    """
    file = Path(logins.path)
    try:
        config = json.loads(_read(host, file) or b"")
    except (ValueError, RecursionError):
        return None
    if not isinstance(config, dict):
        return None
    helper = _mapping(config, "credHelpers").get(place) or (
        config.get("credsStore") if logins.store else None
    )
    if isinstance(helper, str):
        return _helped(host, host.rights(file), f"{logins.helper}{helper}", place)
    auths = config if file.name == _OLDEST else _mapping(config, "auths")
    name = PurePosixPath(place, path, "library")  # the public images that a mirror is asked for are in there
    keys = [str(each) for each in (name, *name.parents)]
    keys += [key for key in auths if _ADDRESS.match(key) and urlsplit(key).netloc == place]
    entry = next((auths[key] for key in keys if key in auths), None)
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
