"""docker: the daemon.json of the one daemon that is meant.

Source of the rules: docker's documentation, "dockerd", and moby's daemon/config; tried on 20.10 to 28.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model import golang
from mirrorcfg.model.agent import kernel
from mirrorcfg.model.client import HUB, Client, Pull
from mirrorcfg.model.engine import Engine
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.sentence import sentence
from mirrorcfg.writers import Besides, Case, Part
from mirrorcfg.writers import environment as environment
from mirrorcfg.writers import give_way as give_way
from mirrorcfg.writers import questions as questions
from mirrorcfg.writers.docker import hosts
from mirrorcfg.writers.docker.installations import in_scope, installations, meant

_ENGINE = (
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS", "DOCKER_TLS_VERIFY",
    "DOCKER_API_VERSION", "DOCKER_CONTENT_TRUST", "DOCKER_DEFAULT_PLATFORM",
)  # fmt: skip
TOOL = Tool(("docker", "dockerd"), images=True, path_first=True, engine=_ENGINE, names=("*.json",))
KEYS = {
    "registry-mirrors": Key(
        Kind.URLS,
        "mirrors of Docker Hub, asked in this order before it",
        always=True,
        slashless=True,
        example=("https://${host}",),
    ),
    "probe": golang.MIRRORS["probe"],
    "archives": Key(
        Kind.LINKS, "folders of image archives, for `mirrorcfg pull` without a registry", aside=True
    ),
}

_KEY, _CERTS = "registry-mirrors", "certs"
_VERSION = "28.5.2"
BY_CONTAINERD = Pull(ping="", head="405", namespace=True, stays="wrong")
"""How containerd pulls: by CRI, by ctr, and where it keeps a docker daemon's images."""


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """The files of every kind of installation; only that of the daemon that is meant counts, and its flags.

    Without a scope it is the daemon that this user's docker talks to. One that is elsewhere has no file here:
    what it says of itself is a layer of its own.
    """
    known, found = installations(machine), meant(machine, scope)
    files = tuple(
        Layer(
            name,
            found.file if name == found.name else each.file,
            each.scope,
            ignored=None if name == found.name else _another(name, found.beyond),
            target=name == found.name,
        )
        for name, each in known.items()
    )
    if found.beyond is not None:
        says = " ".join(found.engine.mirrors) if found.engine and found.engine.version else None
        return (*files, Layer(sentence("the docker daemon elsewhere"), value=says, beyond=found.beyond))
    if found.name is not None and hosts.looked_at(found.engine):
        certs = known[found.name].folder / "certs.d"
        own = machine.is_dir(certs / HUB)
        files = (*files, *hosts.layers(certs, known[found.name].scope, own_folder=own))
    given = found.engine.given if found.engine else ()
    flags = Layer("dockerd --registry-mirror", value=" ".join(given), mend="systemctl cat docker")
    return (flags, *files) if given else files


def _another(name: str, beyond: Finding | None) -> str:
    if beyond is None:
        return sentence("it belongs to another docker ({name})", name=name)
    return sentence("it belongs to another docker ({name}); {why}", name=name, why=beyond.message)


def read(text: str) -> Mapping[str, Value]:
    """The mirrors, or a file's hosts. Raises FormatError where mirrors aren't a list of addresses."""
    if (document := hosts.document(text)) is not None:
        return hosts.read(document)
    mirrors = formats.json.read(text).get(_KEY)
    if mirrors is None:
        return {}
    if not isinstance(mirrors, list) or not all(isinstance(url, str) for url in mirrors):
        raise FormatError(
            "wrong-type",
            sentence("{key} is not a list of addresses; dockerd would not start with it.", key=_KEY),
            key=_KEY,
            hint='write it as a list: "registry-mirrors": ["https://…"]',
        )
    return {_KEY: tuple(mirrors)}


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """registry-mirrors as `settings` says, or the hosts; every other byte stays."""
    urls, certs = settings.get(hosts.HOSTS), settings.get(_CERTS)
    if isinstance(urls, tuple) and isinstance(certs, str):
        return hosts.edit(text, urls, PurePath(certs))
    read(text)
    return formats.json.edit(text, {(_KEY,): settings.get(_KEY)})


def revert(text: str, left: str, target: str) -> str:
    """`text` with registry-mirrors, or the hosts, as `target` has them."""
    if hosts.document(left) is not None or hosts.document(target) is not None:
        return hosts.revert(text, left, target)
    return formats.keys.revert(formats.json, text, left, target, [(_KEY,)])


def effective(readings: Sequence[Reading]) -> Effective:
    """What stands in the daemon's file, of which it reads only one, or what it has without one."""
    doubts = tuple(each.layer.beyond for each in readings if each.layer.beyond)
    if (found := hosts.asked(readings)) is not None:
        values = {_KEY: found.values[hosts.HOSTS]}
        values |= {key: value for key, value in found.values.items() if key == "ca-file"}
        return Effective(values, dict.fromkeys(values, (found.layer,)), doubts=doubts)
    for reading in readings:
        if reading.layer.ignored is None and _KEY in reading.values:
            return Effective({_KEY: reading.values[_KEY]}, {_KEY: (reading.layer,)}, doubts=doubts)
    for layer in (each.layer for each in readings if each.layer.is_tool and each.layer.value):
        return Effective({_KEY: tuple((layer.value or "").split())}, {_KEY: (layer,)}, doubts=doubts)
    return Effective(doubts=doubts)


def besides(case: Case) -> Besides:
    """The hosts of the image store, where a mirror has a CA of its own: it looks for one nowhere else."""
    layer = hosts.needed(case.own, case.settings)
    if layer is None or layer.path is None:
        return Besides()
    certs = str(layer.path.parents[1])
    return Besides(parts=(Part(layer, {hosts.HOSTS: case.settings[_KEY], _CERTS: certs}),))


def sources(settings: Settings) -> tuple[Source, ...]:
    """Every mirror, and every folder of archives."""
    found = [(key, settings.get(key)) for key in KEYS]
    return tuple(Source("docker", key, url) for key, urls in found if isinstance(urls, tuple) for url in urls)


def ca_file(machine: Machine, place: str, scope: Scope | None = None) -> PurePath | None:
    """`certs.d`, beside the daemon's file but for the snap's and Windows'; it is read at every pull.

    docker's documentation, "Verify repository client with certificates"; Desktop copies its folder when it
    starts; docker-snap's own notes for the snap; moby's registry configuration for the name on Windows.
    """
    name = meant(machine).name if scope is None else in_scope(machine, scope)
    if name is None:
        return None
    if machine.platform == "win32" and name == "engine":
        place = place.replace(":", "")
    return installations(machine)[name].folder / "certs.d" / place / "ca.crt"


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """The daemon's, with its variables, and not the shell's; it sends nobody's login to a mirror.

    A mirror's path comes before the API's; with the image store of 26.1, and not of 28.5, behind it.
    """
    engine, any_ = machine.engine() or Engine(), ca_file(machine, "localhost")
    older = engine.image_store and engine.version and not hosts.looked_at(engine)
    return golang.client("docker", agent(engine), machine, _given(machine))._replace(
        http2=True,
        by_host=() if any_ is None else (str(any_.parent.parent),),
        filed=HUB if hosts.looked_at(engine) else None,
        path_first=TOOL.path_first and not older,
        pull=BY_CONTAINERD if engine.image_store else Pull(),
    )


_PROXIES = {"http": "HTTP_PROXY", "https": "HTTPS_PROXY", "no_proxy": "NO_PROXY"}
_MASKED = "xxxxx:xxxxx@"


def _given(machine: Machine) -> Mapping[str, str]:
    """The daemon's variables, with the proxies that it says it has: its file's come before them."""
    given, engine = machine.given("dockerd") or {}, machine.engine()
    if engine is None:
        return given
    said = {name: engine.proxies.get(key, "") for key, name in _PROXIES.items()}
    theirs = {name: value for name, value in given.items() if name.upper() not in said}
    return theirs | {
        name: given.get(name, value) if _MASKED in value else value for name, value in said.items()
    }


def agent(engine: Engine) -> str:
    """How that daemon introduces itself (moby's `dockerversion`), or the newest that was tried."""
    version = ".".join(map(str, engine.version)) or _VERSION
    store = "containerd-client/2.1.9+unknown storage-driver/overlayfs " if engine.image_store else ""
    upstream = f"{store}UpstreamClient(Docker-Client/{version} \\(linux\\))"
    return f"docker/{version} go/go1.24.5 {kernel()}os/linux arch/{golang.arch()} {upstream}"
