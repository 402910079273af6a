"""What a container engine that runs says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import NamedTuple


class Engine(NamedTuple):
    """As far as anything here depends on it; `proxies` are as a `Client` has them.

    `kind` is empty but for one that only does as if it were the engine, or is packed in a machine of its own.
    One with an `image_store` keeps images as containerd does, and asks certs.d's hosts before its mirrors.
    `file` is its configuration, and `given` are mirrors that it is given besides, where it is this machine's;
    `beyond` is what is known of it else, in words, and `process` its number. Without a version it is silent.
    """

    version: tuple[int, ...] = ()
    mirrors: tuple[str, ...] = ()
    image_store: bool = False
    proxies: Mapping[str, str] = MappingProxyType({})
    kind: str = ""
    file: PurePath | None = None
    given: tuple[str, ...] = ()
    beyond: str = ""
    process: int | None = None


class Runtime(NamedTuple):
    """A Kubernetes runtime that runs; `stale` if the file that it reads at its start was changed since."""

    version: tuple[int, ...] = ()
    stale: bool = False
