"""docker: the daemon.json of the one daemon that is meant.

Source of the rules: docker's documentation, "dockerd", and moby's daemon/config; facts tried on 20.10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.agent import go_arch, kernel
from mirrorcfg.model.client import Client, Logins, Pull, named
from mirrorcfg.model.engine import Engine
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import Besides, Case, Question

_ENGINE = (
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS", "DOCKER_TLS_VERIFY",
    "DOCKER_API_VERSION", "DOCKER_CONTENT_TRUST", "DOCKER_DEFAULT_PLATFORM",
)  # fmt: skip
TOOL = Tool(("docker", "dockerd"), images=True, engine=_ENGINE)
KEYS = {
    "registry-mirrors": Key(
        Kind.URLS,
        "mirrors of Docker Hub, asked in this order before it",
        always=True,
        example=("https://${host}",),
    ),
    "probe": Key(Kind.IMAGE, "an image that the mirrors have, to judge them by: library/acme:1", aside=True),
    "archives": Key(
        Kind.LINKS, "folders of image archives, for `mirrorcfg pull` without a registry", aside=True
    ),
}

_KEY = "registry-mirrors"
_VERSION = "28.5.2"
BY_CONTAINERD = Pull(ping="", head="405", namespace=True, stays="wrong")
"""How containerd pulls: by CRI, by ctr, and where it keeps a docker daemon's images."""


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """The files of every kind of installation; only that of the daemon that is meant counts.

    Without a scope it is the daemon that this user's docker talks to.
    """
    installations = _installations(machine)
    name = _meant(machine) if scope is None else _in_scope(machine, scope)
    return tuple(
        Layer(
            other,
            path,
            other_scope,
            ignored=None if other == name else f"it belongs to another docker ({other})",
            target=other == name,
        )
        for other, (path, other_scope) in installations.items()
    )


def read(text: str) -> Mapping[str, Value]:
    """The mirrors. Raises FormatError where they aren't a list of addresses."""
    mirrors = formats.json.read(text).get(_KEY)
    if mirrors is None:
        return {}
    if not isinstance(mirrors, list) or not all(isinstance(url, str) for url in mirrors):
        raise FormatError(
            "wrong-type",
            f"{_KEY} is not a list of addresses; dockerd would not start with it.",
            key=_KEY,
            hint='write it as a list: "registry-mirrors": ["https://…"]',
        )
    return {_KEY: tuple(mirrors)}


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """registry-mirrors as `settings` says; every other byte stays."""
    read(text)
    return formats.json.edit(text, {(_KEY,): settings.get(_KEY)})


def revert(text: str, left: str, target: str) -> str:
    """`text` with registry-mirrors as `target` has it."""
    return formats.keys.revert(formats.json, text, left, target, [(_KEY,)])


def give_way(text: str, settings: Settings) -> str:
    """No file has to."""
    return text


def besides(case: Case) -> Besides:
    """Nothing."""
    return Besides()


def effective(readings: Sequence[Reading]) -> Effective:
    """What stands in the daemon's file; a daemon reads only one."""
    for reading in readings:
        if reading.layer.ignored is None and _KEY in reading.values:
            return Effective({_KEY: reading.values[_KEY]}, {_KEY: (reading.layer,)})
    return Effective()


def sources(settings: Settings) -> tuple[Source, ...]:
    """Every mirror, and every folder of archives."""
    found = [(key, settings.get(key)) for key in KEYS]
    return tuple(Source("docker", key, url) for key, urls in found if isinstance(urls, tuple) for url in urls)


def environment(settings: Settings) -> Mapping[str, str | None]:
    """None: no variable names a mirror."""
    return {}


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """`certs.d`, beside the daemon's file but for the snap's and Windows'; it is read at every pull.

    docker's documentation, "Verify repository client with certificates"; Desktop copies its folder when it
    starts; docker-snap's own notes for the snap; moby's registry configuration for the name on Windows.
    """
    name = _meant(machine) if scope is None else _in_scope(machine, scope)
    if name is None:
        return None
    folder = _installations(machine)[name][0].parent
    if name == "snap":
        folder = machine.path("/var/snap/docker/current/etc/docker")
    elif machine.platform == "win32" and name == "engine":
        folder, place = folder.parent, place.replace(":", "")
    return folder / "certs.d" / place / "ca.crt"


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """As Go has it: nothing on this machine is behind a proxy, and a proxy looks up names.

    A mirror's path comes before the API's; with the image store of 26.1, and not of 28.5, behind it.
    """
    engine = machine.engine() or Engine()
    return Client(
        "docker",
        "registry",
        agent(engine),
        http2=True,
        also=named(machine, "SSL_CERT_FILE"),
        ca_by_host=True,
        environ=machine.environ,
        manner="go",
        path_first=not (engine.image_store and engine.version and engine.version < (28,)),
        pull=BY_CONTAINERD if engine.image_store else Pull(),
        logins=(logins(machine),),
    )


def agent(engine: Engine) -> str:
    """How that daemon introduces itself (moby's `dockerversion`), or the newest that was tried."""
    version = ".".join(map(str, engine.version)) or _VERSION
    store = "containerd-client/2.1.9+unknown storage-driver/overlayfs " if engine.image_store else ""
    upstream = f"{store}UpstreamClient(Docker-Client/{version} \\(linux\\))"
    return f"docker/{version} go/go1.24.5 {kernel()}os/linux arch/{go_arch()} {upstream}"


def logins(machine: Machine) -> Logins:
    """Its config.json, which others fall back to."""
    folder = machine.directory("DOCKER_CONFIG", "~/.docker")
    return Logins("auths", folder / "config.json", "docker-credential-")


def questions(machine: Machine) -> Mapping[str, Question]:
    """None: a daemon without mirrors asks Docker Hub, and no weaker layer could hold one."""
    return {}


def _installations(machine: Machine) -> Mapping[str, tuple[PurePath, Scope]]:
    """By name; weakest claim first."""
    desktop = machine.home / ".docker" / "daemon.json"
    if machine.platform == "win32":
        programs = machine.directory("PROGRAMDATA", r"C:\ProgramData")
        return {
            "engine": (programs / "docker" / "config" / "daemon.json", "system"),
            "desktop": (desktop, "user"),
        }
    if machine.platform == "darwin":
        return {"desktop": (desktop, "user")}
    rootless = machine.directory("XDG_CONFIG_HOME", "~/.config") / "docker" / "daemon.json"
    return {
        "engine": (machine.path("/etc/docker/daemon.json"), "system"),
        "snap": (machine.path("/var/snap/docker/current/config/daemon.json"), "system"),
        "desktop": (desktop, "user"),
        "rootless": (rootless, "user"),
    }


def _meant(machine: Machine) -> str:
    """The daemon that DOCKER_HOST names, else the one whose traces are here."""
    host = machine.environ.get("DOCKER_HOST", "")
    if machine.platform == "darwin":
        return "desktop"
    if machine.platform == "win32":
        return "desktop" if machine.is_file(machine.home / ".docker" / "daemon.json") else "engine"
    if "/.docker/" in host:
        return "desktop"
    if host.startswith("unix:///run/user/"):
        return "rootless"
    if host or machine.root_user or machine.is_file(machine.path("/etc/docker/daemon.json")):
        return _in_scope(machine, "system") or "engine"
    return _in_scope(machine, "user", traces=True) or _in_scope(machine, "system") or "engine"


def _in_scope(machine: Machine, scope: Scope, *, traces: bool = False) -> str | None:
    """The installation to take in a scope; with `traces` only if something of it is here."""
    if scope == "venv":
        return None
    if machine.platform in ("win32", "darwin"):
        names = [name for name, (_, other) in _installations(machine).items() if other == scope]
        return names[0] if names else None
    if scope == "system":
        return "snap" if machine.is_dir(machine.path("/var/snap/docker/current")) else "engine"
    if machine.is_dir(machine.home / ".docker" / "desktop"):
        return "desktop"
    rootless = machine.directory("XDG_CONFIG_HOME", "~/.config") / "docker"
    return "rootless" if not traces or machine.is_file(rootless / "daemon.json") else None
