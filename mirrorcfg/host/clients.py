"""How the tools that are here go to the network, and how mirrorcfg itself does."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePath

from mirrorcfg import __version__
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.host import Host
from mirrorcfg.host.layers import ToolLayers, layers_of
from mirrorcfg.model.client import PUBLIC, SYSTEM, Client, named, netrc
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import writer


def client(host: Host, tool: str, layers: ToolLayers | None = None) -> Client:
    """A tool's client with these layers (those of now without them); files that can't be read say nothing."""
    try:
        readings = (layers or layers_of(host, tool)).readings
    except MirrorcfgError:
        readings = []
    found = writer(tool).client(readings, _network(host))
    return (
        found
        if host.root is None
        else found._replace(roots=tuple(_placed(host, each) for each in found.roots))
    )


def _placed(host: Host, root: str) -> str:
    """A bundle that an image's settings name is looked for in the image, if it has it."""
    with suppress(OSError):
        if root not in (SYSTEM, PUBLIC) and (inside := host.inside(PurePath(root))).exists():
            return str(inside)
    return root


def own(host: Host) -> Client:
    """mirrorcfg's own, for what it fetches for itself: with the logins that pip would have."""
    machine = _network(host)
    return Client(
        "mirrorcfg",
        "file",
        f"mirrorcfg/{__version__}",
        also=named(machine, "SSL_CERT_FILE"),
        environ=machine.environ,
        logins=netrc(machine),
    )


def _network(host: Host) -> Machine:
    """The machine that asks: an image's sources too are asked from here."""
    return host.machine._replace(environ=host.environ, home=host.home, version=Host.version)
