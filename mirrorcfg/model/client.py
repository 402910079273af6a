"""How a tool goes to the network: what the verifier has to know to ask a source as the tool would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal, NamedTuple

from mirrorcfg.model.machine import Machine

Protocol = Literal["index", "channel", "registry", "file"]
"""What a source speaks: the simple API, a channel of subdirs, the OCI distribution API; or one plain file."""


class Logins(NamedTuple):
    """A file where a client finds credentials by host, and whose form it has.

    `netrc` is that of ftp(1); `auths` is JSON whose `auths` hold them by registry, and whose `credHelpers`
    and `credsStore` name programs that do: `helper` is how the names of those begin.
    """

    form: Literal["netrc", "auths"]
    path: PurePath
    helper: str = ""


class Client(NamedTuple):
    """One tool as a source sees it, and as it sees the way there.

    `agent` is its User-Agent, `bundles` are CA bundles that it trusts besides the system's store (one that
    isn't there is passed over), and `environ` are the variables that name its proxies to it. With `far_names`
    an HTTP or SOCKS proxy looks up the names of hosts; with `near_direct` none is asked for this machine
    itself. A registry's client that puts a mirror's path before the API's is `path_first`.
    """

    tool: str
    protocol: Protocol
    agent: str
    http2: bool = False
    bundles: tuple[str, ...] = ()
    environ: Mapping[str, str] = MappingProxyType({})
    far_names: bool = False
    near_direct: bool = False
    path_first: bool = False
    logins: Logins | None = None

    def __repr__(self) -> str:
        return f"Client({self.tool!r})"  # without its variables: a proxy's address may hold a password


def named(machine: Machine, *variables: str) -> tuple[str, ...]:
    """The bundles that these variables name."""
    return tuple(path for name in variables if (path := machine.environ.get(name)))


def netrc(machine: Machine) -> Logins:
    """The netrc file, as requests finds it."""
    return Logins("netrc", machine.directory("NETRC", "~/.netrc"))
