"""What a container engine that runs says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Engine(NamedTuple):
    """As far as anything here depends on it; `proxies` are as a `Client` has them.

    One with an `image_store` keeps images as containerd does, and asks certs.d's hosts before its mirrors.
    """

    version: tuple[int, ...] = ()
    mirrors: tuple[str, ...] = ()
    image_store: bool = False
    proxies: Mapping[str, str] = MappingProxyType({})


class Runtime(NamedTuple):
    """A Kubernetes runtime that runs; `stale` if the file that it reads at its start was changed since."""

    version: tuple[int, ...] = ()
    stale: bool = False
