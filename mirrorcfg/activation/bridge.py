"""What dockerd 20.10 refuses in the addresses of its default bridge, which it makes unless `bridge` is none.

Source of the rules: moby's libnetwork; each was tried on dockerd 20.10.24.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from mirrorcfg.activation import goform
from mirrorcfg.activation.shapes import Misfit, field
from mirrorcfg.sentence import sentence

_NARROWEST = 30
"""Of the networks that have an address for the bridge besides those of the network itself."""


def misfits(every: Mapping[str, Any]) -> Iterator[tuple[str, Misfit]]:
    """Keys at fault, with what is wrong with them."""
    if every.get("mtu", 0) < 0:
        yield "mtu", Misfit("", sentence("0 or more"))
    bip, inner = every.get("bip") or "", every.get("fixed-cidr") or ""
    if bip and not (_is_own(bip) or (goform.network(bip) and not _is_v4(bip) and _spared(every))):
        yield "bip", Misfit("", sentence("the bridge's own address and its network, like 10.9.0.1/24"))
    if inner and not _is_v4(inner):
        yield "fixed-cidr", Misfit("", sentence("a network like 10.9.0.128/25"))
    gateway = goform.ip(every.get("default-gateway") or "")
    if gateway and (gateway.version == 6 or (bip and not _is_free(gateway, bip))):
        yield "default-gateway", Misfit("", sentence("another address in the network of bip"))
    if not bip:
        yield from _pools(every)
    yield from _v6(every)


def _pools(every: Mapping[str, Any]) -> Iterator[tuple[str, Misfit]]:
    for pool in every.get("default-address-pools", ())[:1]:
        found = goform.network(field(pool, "base"))
        if found and not (field(pool, "size") <= _NARROWEST if found[1].version == 4 else _spared(every)):
            yield "default-address-pools", Misfit("[0]", sentence("of IPv4, with a size of 30 at most"))


def _spared(every: Mapping[str, Any]) -> bool:
    """iptables, which is for IPv4."""
    return every.get("iptables", True) is False


def _v6(every: Mapping[str, Any]) -> Iterator[tuple[str, Misfit]]:
    text = every.get("fixed-cidr-v6") or ""
    found = goform.network(text)
    if text and found is None:
        yield "fixed-cidr-v6", Misfit("", sentence("a network like fd00:1::/64"))
    if not every.get("ipv6"):
        return
    if found and found[1].prefixlen == 128:
        yield "fixed-cidr-v6", Misfit("", sentence("a network with room for the bridge"))
    if not text:
        yield "ipv6", Misfit("", sentence("false, where no fixed-cidr-v6 is"))
    gateway = goform.ip(every.get("default-gateway-v6") or "")
    if found and gateway and gateway not in found[1]:
        yield "default-gateway-v6", Misfit("", sentence("an address in fixed-cidr-v6"))


def _is_own(text: str) -> bool:
    found = goform.network(text)
    return found is not None and found[1].prefixlen <= _NARROWEST and _is_host(*found)


def _is_host(address: goform.IP, network: goform.Network) -> bool:
    return isinstance(network, ipaddress.IPv4Network) and address not in (
        network.network_address,
        network.broadcast_address,
    )


def _is_v4(text: str) -> bool:
    found = goform.network(text)
    return found is not None and found[1].version == 4


def _is_free(address: goform.IP, bip: str) -> bool:
    own = goform.network(bip)
    return own is None or (address in own[1] and address != own[0] and _is_host(address, own[1]))
