"""How a program written in Go sees a machine; what container engines have in common."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from mirrorcfg.model.client import SYSTEM, Client
from mirrorcfg.model.layer import Source
from mirrorcfg.model.machine import Machine
from mirrorcfg.model.settings import Key, Kind, Settings

_ARCH = {
    "x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "armv6": "arm", "armv7": "arm",
    "armv8": "arm",
}  # fmt: skip
_FILES = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
)  # fmt: skip
_FOLDERS = "/etc/ssl/certs:/etc/pki/tls/certs"

MIRRORS: Mapping[str, Key] = {
    "registry-mirrors": Key(
        Kind.URLS,
        "mirrors of Docker Hub, asked in this order before it; a path names a project",
        always=True,
        slashless=True,
    ),
    "registries": Key(
        Kind.URL_MAP, "mirrors of other registries, by the registry's name (ghcr.io)", slashless=True
    ),
    "probe": Key(Kind.IMAGE, "an image that the mirrors have, to judge them by: library/acme:1", aside=True),
}
"""What a profile may say to an engine to which a mirror's path is a project."""


def arch() -> str:
    """This machine's architecture in Go's words (runtime.GOARCH)."""
    name = platform.machine().lower()
    return _ARCH.get(name.removesuffix("l") if name.startswith("armv") else name, name)


def variant() -> str:
    """Which ARM it is (GOARM, in the words of an image's platform); nothing for others."""
    name = platform.machine().lower()
    return name[3:5] if name.startswith("armv") else ""


def store(machine: Machine, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What a program with these variables takes for the system's store: one file, and all that is in folders.

    Source: crypto/x509's root_unix.go and root_linux.go. SSL_CERT_FILE stands in for the file alone,
    SSL_CERT_DIR for the folders.
    """
    if machine.platform != "linux":
        return (SYSTEM,)
    named = environ.get("SSL_CERT_FILE")
    files = [named] if named else [path for path in _FILES if machine.is_file(machine.path(path))][:1]
    folders = (environ.get("SSL_CERT_DIR") or _FOLDERS).split(":")
    return tuple(str(machine.path(each)) for each in (*files, *folders) if each)


def client(tool: str, agent: str, machine: Machine, environ: Mapping[str, str]) -> Client:
    """A registry's client that was started with these variables; what is its own comes on top."""
    trusted = store(machine, environ)
    return Client(tool, "registry", agent, roots=(), also=trusted, environ=environ, manner="go")


def mirrors(tool: str, settings: Settings, *, resolve: bool = True) -> list[Source]:
    """An engine's mirrors of Docker Hub, which `resolve` tags or not, and those of other registries."""
    hub, others = settings.get("registry-mirrors"), settings.get("registries")
    found = [
        Source(tool, "registry-mirrors", url, resolves=resolve)
        for url in (hub if isinstance(hub, tuple) else ())
    ]
    named = others.items() if isinstance(others, Mapping) else ()
    return [*found, *(Source(tool, "registries", url, name, resolve) for name, url in named)]
