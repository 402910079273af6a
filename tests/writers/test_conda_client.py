"""How conda goes to the network: its CAs, its proxies, whether it looks for shards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from mirrorcfg.model.client import PUBLIC, SYSTEM, Client
from mirrorcfg.model.layer import Layer, Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import conda

HOME = PurePosixPath("/home/li")


def client(text: str, environ: Mapping[str, str], files: tuple[str, ...] = ()) -> Client:
    """With this in the user's file, on a machine that has these files and variables."""
    machine = Machine(
        "linux",
        HOME,
        environ=environ,
        is_file=lambda path: str(path) in files,
        is_dir=lambda path: any(PurePosixPath(path) in PurePosixPath(file).parents for file in files),
        names=lambda path: tuple(
            PurePosixPath(file).relative_to(path).parts[0]
            for file in files
            if PurePosixPath(path) in PurePosixPath(file).parents
        ),
    )
    return conda.client([Reading(Layer("user", HOME / ".condarc"), conda.read(text))], machine)


def test_an_empty_proxy_is_none() -> None:
    """Not even a variable's (tried with conda 25.7.0 and 26.7.1)."""
    assert client("proxy_servers: {https: }\n", {}).proxies == {"https": ""}


def test_what_openssl_trusts_beside_a_bundle_counts_with_the_systems_store_alone() -> None:
    environ = {"SSL_CERT_FILE": "/ours.pem", "REQUESTS_CA_BUNDLE": "/b.pem"}
    told = client("ssl_verify: truststore\n", environ)
    assert (told.roots, told.also) == ((SYSTEM, "/b.pem"), ("/ours.pem",))
    told = client("ssl_verify: truststore\n", {**environ, "SSL_CERT_DIR": "/certs"})
    assert (told.roots, told.also) == (("/b.pem",), ("/ours.pem", "/certs"))
    told = client("ssl_verify: true\n", environ)
    assert (told.roots, told.also) == (("/b.pem",), ())


@pytest.mark.parametrize(
    ("files", "shards"),
    [
        ((), True),
        (("/c/conda-meta/conda-26.3.2-py312_0.json",), False),
        (("/c/conda-meta/conda-26.5.0-py312_0.json",), True),
        (("/opt/miniforge3/bin/mamba",), False),
    ],
)
def test_who_looks_for_shards(files: tuple[str, ...], shards: bool) -> None:
    """conda from 26.5 on, and no mamba."""
    environ = {"CONDA_EXE": "/c/bin/conda"} if any("conda-meta" in file for file in files) else {}
    assert client("channels: [a]\n", environ, files).shards is shards


def test_conda_trusts_the_certifi_beside_it_and_says_its_version() -> None:
    bundle, record = (
        "/c/lib/python3.12/site-packages/certifi/cacert.pem",
        "/c/conda-meta/conda-26.3.2-py312_0.json",
    )
    others = "/c/lib/perl/site-packages/certifi/cacert.pem"
    told = client("", {"CONDA_EXE": "/c/bin/conda"}, (others, bundle, record))
    assert told.roots == (bundle,)
    assert told.agent.startswith("conda/26.3.2 ")
    assert client("", {}, (others, bundle)).roots == (PUBLIC,)
