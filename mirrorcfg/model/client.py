"""How a tool goes to the network: what the verifier has to know to ask a source as the tool would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal, NamedTuple

from mirrorcfg.model.machine import Machine

Protocol = Literal["index", "channel", "registry", "file"]
"""What a source speaks: the simple API, a channel of subdirs, the OCI distribution API; or one plain file."""

Manner = Literal["requests", "reqwest", "go"]
"""Whose rules for proxies count: those of Python's requests, of Rust's reqwest, or of Go's net/http."""

SYSTEM = "the system's store"
PUBLIC = "public authorities"
"""What else than a path `Client.roots` may name: this machine's store, and what a client brings along."""

HUB = "docker.io"
"""The registry that an image's name means where it names none, and that a mirror stands for."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


Of = Literal["anyone", "same", "default", "nobody"]


class Logins(NamedTuple):
    """A file where a client finds credentials by host, and whose form it has.

    `netrc` is that of ftp(1), `services` TOML with a list of addresses; `auths` is JSON whose `auths` hold
    them by registry (docker's oldest file is no more than that), and whose `credHelpers` name programs that
    do, for those with `store` also one for all others (`credsStore`): `helper` is how the names of those
    begin. Of an address with a user and no password the password is looked up here: that of `anyone` at the
    host, of the `same` user only, of the `default` entry, or of `nobody`.
    """

    form: Literal["netrc", "services", "auths"]
    path: PurePath
    helper: str = ""
    store: bool = False
    of: Of = "nobody"


class Times(NamedTuple):
    """An option that takes files by the time of their upload; `every`: one without a time stops the tool."""

    option: str
    every: bool = False


class Pull(NamedTuple):
    """How a registry's client asks for an image, and when it goes on to another mirror.

    By `ping` it asks for the API first, and goes on whatever that answers (`any`), or only where it is `met`
    (200 or 401). A tag is looked up by `head`, and then by GET whatever was answered (`any`), or only after
    405 and where no digest came; or by GET at once. With a `namespace` each request says (`?ns=`) which
    registry it means. A mirror that fails it is passed over for the next; but it `stays` where what comes is
    `wrong`, or once it has a manifest and one of the `parts` is refused.
    """

    ping: Literal["any", "met", ""] = "any"
    head: Literal["any", "405", ""] = "any"
    namespace: bool = False
    stays: Literal["parts", "wrong", ""] = ""


class Client(NamedTuple):
    """One tool as a source sees it, and as it sees the way there.

    `agent` is its User-Agent. It trusts `roots` and nothing else: SYSTEM, PUBLIC, or what is in a file or
    folder of certificates, which must be there; and what can be read of `also`. One that has `by_host` trusts
    besides what is said to be the CA of the host: by its settings, or in the first of these folders that has
    one for it (`FOLDER/HOST[:PORT]`, or below the name that is `filed` there).

    `proxies` are those of its own settings: by scheme, `all` or `scheme://host`, and the exceptions under
    `no_proxy`; `environ` are the variables that name proxies to it, read in its `manner`.

    `accounts` are user and password by address, where the address itself has none; then `logins` are looked
    at. A registry's client that puts a mirror's path before the API's is `path_first`; `pull` is its way.

    An index's client reads no page that has one of the values that it `refuses` (as `verifier.page` names
    them), with `times` it takes only files of which the page says when they were uploaded, and what a server
    compresses on the way it `unpacks`, though it asked for a file as it is. A channel's client may look for
    `shards` first.
    """

    tool: str
    protocol: Protocol
    agent: str
    http2: bool = False
    roots: tuple[str, ...] = (SYSTEM,)
    also: tuple[str, ...] = ()
    by_host: tuple[str, ...] = ()
    filed: str | None = None
    proxies: Mapping[str, str] = _NOTHING
    environ: Mapping[str, str] = _NOTHING
    manner: Manner = "requests"
    path_first: bool = False
    pull: Pull = Pull()
    accounts: Mapping[str, tuple[str, str]] = MappingProxyType({})
    logins: tuple[Logins, ...] = ()
    refuses: frozenset[str] = frozenset()
    times: Times | None = None
    unpacks: bool = False
    shards: bool = False

    def __repr__(self) -> str:
        return f"Client({self.tool!r})"  # without its variables: a proxy's address may hold a password


OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""What takes the place of what OpenSSL has for the system's store, its file and its folder."""


def named(machine: Machine, *variables: str) -> tuple[str, ...]:
    """The bundles and folders that these variables name."""
    return tuple(str(machine.path(path)) for name in variables if (path := machine.environ.get(name)))


def netrc(machine: Machine, of: Of = "anyone") -> tuple[Logins, ...]:
    """The netrc file, as requests finds it."""
    if said := machine.environ.get("NETRC"):
        return (Logins("netrc", machine.path(said), of=of),)
    usual = [machine.home / name for name in (".netrc", "_netrc")]
    return tuple(Logins("netrc", path, of=of) for path in usual if machine.is_file(path))[:1]
