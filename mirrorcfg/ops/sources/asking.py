"""What is asked of whom: a probe for each source of a profile, of a tool's layers, of what is in effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from mirrorcfg import writers
from mirrorcfg.errors import CannotSayError, FormatError
from mirrorcfg.files import faults
from mirrorcfg.host import Host, clients, credentials, official, tools
from mirrorcfg.host.claim import claim
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.client import Client
from mirrorcfg.model.layer import Source
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.settings import Settings
from mirrorcfg.model.verdict import Probe
from mirrorcfg.ops.sources import indexes

_CERTS = (".crt", ".cert", ".key")
_TRUST = ("ca-file", "system-store")


def of_profile(host: Host, profile: Profile, only: Sequence[str] = (), *, told: bool = True) -> list[Probe]:
    """Every source of a profile, for the tools in `only`, or for all that it serves.

    A tool that can't be `told` of the profile's CA is taken to trust it: it is the source that is judged.
    """
    probes: list[Probe] = []
    for tool in only or writers.names():
        offer = tools.offer(profile, tool)
        if offer is None or offer.unavailable is not None:
            continue
        settings = official.asked(host, tool) if offer.default else tools.settings(profile, tool, offer)
        found = of_settings(host, tool, settings, profile.name)
        probes += trusting(found, tools.untold(profile, tool) if told and not offer.default else None)
    return probes


def trusting(probes: Sequence[Probe], ca_file: str | None) -> list[Probe]:
    """The same with a CA trusted that the tool can't be told of: what it makes of that is said elsewhere."""
    return list(probes) if ca_file is None else [replace(each, ca_file=ca_file) for each in probes]


def in_effect(host: Host, only: Sequence[str] = ()) -> list[Probe]:
    """Every source that a tool which is here would ask now; a profile's only where that is in effect."""
    head = host.store.head()
    probes: list[Probe] = []
    for tool in only or writers.names():
        layers = layers_of(host, tool)
        if only or layers.present:
            found = claim(layers, head)
            first = [each.source for each in layers.effective.first]
            settings, client = layers.effective.settings, clients.client(host, tool, layers)
            probes += _probes(host, first, settings, None, client)
            probes += of_layers(host, layers, found.profile if found and found.in_effect else None)
    return probes


def of_layers(host: Host, layers: ToolLayers, profile: str | None) -> list[Probe]:
    """What the tool asks with these layers, or by its default; not what it alone knows the address of."""
    effective, client = layers.effective, clients.client(host, layers.tool, layers)
    if effective.asked is not None:
        sources = [each.source for each in effective.asked if "://" in each.source.url]
        if sources or not any("://" not in each.source.url for each in effective.asked):
            return list(_probes(host, sources, effective.settings, profile, client))
    elif layers.writer.sources(effective.settings):
        return of_settings(host, layers.tool, effective.settings, profile, layers)
    return of_settings(host, layers.tool, official.asked(host, layers.tool), profile, layers)


def of_switch(host: Host, layers: ToolLayers, settings: Settings, profile: str) -> list[Probe]:
    """What a switch has to answer for: the profile's sources, and what the tool will ask below them."""
    client, named = clients.client(host, layers.tool, layers), layers.writer.sources(settings)
    asked = layers.effective.asked
    if asked is None or not settings:
        return list(_probes(host, named, settings, profile, client))
    beside = layers.beside(settings)
    ours = [each.source for each in asked if each not in beside and "://" in each.source.url]
    # An alias is where channels are, and no channel: those below it that are asked are.
    more = [each for each in named if not any(_beneath(mine.url, each.url) for mine in ours)]
    return list(_probes(host, [*ours, *more], settings, profile, client))


def _beneath(url: str, above: str) -> bool:
    return f"{url.rstrip('/')}/".startswith(f"{above.rstrip('/')}/")


def of_settings(
    host: Host, tool: str, settings: Settings, profile: str | None, layers: ToolLayers | None = None
) -> list[Probe]:
    """The probes for one tool's settings, as its client would ask with these layers.

    Without any it is asked with those of now, and where `settings` say whom to trust with these as well.
    """
    sources = writers.writer(tool).sources(settings)
    if layers is None and any(key in settings for key in _TRUST):
        layers = _switched(layers_of(host, tool), settings)
    return list(_probes(host, sources, settings, profile, clients.client(host, tool, layers)))


def _switched(layers: ToolLayers, settings: Settings) -> ToolLayers:
    """These with `settings` in the file that a switch would write; as they are where that can't be done."""
    if layers.file is None:
        return layers
    with suppress(FormatError, CannotSayError):
        before = layers.contents[layers.file]
        return layers.with_target(layers.raw(layers.writer.edit(layers.text(before), settings), before))
    return layers


def _probes(
    host: Host, sources: Iterable[Source], settings: Settings, profile: str | None, client: Client
) -> Iterable[Probe]:
    sources, folders = tuple(sources), writers.writer(client.tool).TOOL.folders
    judged = indexes.judged(host, client, settings, profile, sources)
    only = len([each for each in sources if each.role not in folders]) == 1
    for source in sources:
        url, authorization = credentials.split(host, client, source.url)
        ca_file, certs = _trusted(host, client, urlsplit(url).netloc, settings)
        files = () if source.role in folders else None
        if files is None or not url.startswith("file:"):
            given = (client, source.role, _on_disk(host, url), profile, ca_file, authorization, files)
            yield Probe(*given, *judged(source), only, source.registry, source.resolves, certs)


def _trusted(
    host: Host, client: Client, place: str, settings: Settings
) -> tuple[str | None, tuple[str, ...]]:
    """The CA that a profile has for a host, and what is in the client's folder for it."""
    if client.manner != "go":
        return None, ()
    named, machine = settings.get("ca-file"), host.machine
    folders = (machine.path(each) / (client.filed or place) for each in client.by_host)
    folder = next((each for each in folders if machine.is_dir(each)), None)
    found = [folder / name for name in machine.names(folder) if name.endswith(_CERTS)] if folder else []
    there = (_there(host, str(each)) for each in found)
    return (_there(host, named) if isinstance(named, str) else None), tuple(str(each) for each in there)


def _on_disk(host: Host, url: str) -> str:
    """A folder that an image's settings name is looked for in the image, too."""
    if host.root is None or ("://" in url and not url.startswith("file:")):
        return url
    path = unquote(urlsplit(url).path) if url.startswith("file:") else url
    return str(_inside(host, path))


def _there(host: Host, ca_file: str) -> str:
    """A CA that stands in an image's settings is looked for in the image."""
    return ca_file if host.root is None else str(_inside(host, ca_file))


def _inside(host: Host, path: str) -> PurePath:
    """Where a path of the image's leads, without leaving it. Raises MirrorcfgError."""
    with faults.about(path):
        return host.inside(PurePath(path))
