"""What an image consists of: the manifest of a platform, out of an index, and the blobs that it names.

Source of the rules: the OCI image specification 1.1 ("image-index", "manifest"), and the distribution's
"Image Manifest Version 2, Schema 2". A variant is matched as the clients do: the newest that this one runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
DIGEST = re.compile("sha(256:[a-f0-9]{64}|384:[a-f0-9]{96}|512:[a-f0-9]{128})")


class Platform(NamedTuple):
    """In Go's words; the `variant` is that of an ARM, v6 or v7."""

    os: str
    arch: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, self))


class Part(NamedTuple):
    """A manifest or a blob by its digest, and how long it is said to be."""

    digest: str
    size: int | None = None


class Index(NamedTuple):
    """One image for several platforms."""

    manifests: Sequence[tuple[Platform, Part]]

    def chosen(self, platform: Platform) -> Part | None:
        """The manifest that a client on this platform takes: its own variant's, else the newest before it."""
        fit = [
            (said.variant, part)
            for said, part in self.manifests
            if said[:2] == platform[:2] and (not platform.variant or said.variant <= platform.variant)
        ]
        best = max((variant for variant, _ in fit), default="")
        return next((part for variant, part in fit if not platform.variant or variant == best), None)


class Manifest(NamedTuple):
    """One image: its config and its layers."""

    config: Part
    layers: Sequence[Part]


def read(body: bytes) -> Index | Manifest | None:
    """What a registry gave for a manifest; None where it is none that a client could use."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    if isinstance(said.get("manifests"), list):
        return Index([(_platform(each), part) for each in said["manifests"] if (part := _part(each))])
    config, layers = _part(said.get("config")), said.get("layers")
    if config is None or not isinstance(layers, list):
        return None
    # A layer with addresses of its own is fetched from there: Windows' base layers.
    return Manifest(config, [part for each in layers if (part := _part(each)) and not each.get("urls")])


def _part(said: Any) -> Part | None:
    if not isinstance(said, Mapping) or not isinstance(digest := said.get("digest"), str):
        return None
    size = said.get("size")
    return (
        Part(digest, size if type(size) is int and size >= 0 else None) if DIGEST.fullmatch(digest) else None
    )


def _platform(said: Mapping[str, Any]) -> Platform:
    found = said.get("platform")
    named = found if isinstance(found, Mapping) else {}
    return Platform(*(str(named.get(key) or "") for key in ("os", "architecture", "variant")))
