"""Which certificates a program written in Go takes, as skopeo shows, and that mirrorcfg says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import certificates, engines
from tests.clients.certificates import Case
from tests.clients.hub import Server
from tests.clients.place import Place, place

STRICTER = {
    "a wildcard under the top": "OpenSSL takes none for all of a top-level domain, and checks names for us",
    "for anything": "OpenSSL wants a certificate that is for servers, and checks that for us",
}
"""Where a client takes what mirrorcfg refuses; docs/verifier.md has them too."""

KINDS = certificates.cases()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A server for each kind, with what is to be trusted of it in certs.d."""
    folder = tmp_path_factory.mktemp("place")
    files = {name: case.write(folder, str(number)) for number, (name, case) in enumerate(KINDS.items())}
    servers = [_server(name, *files[name][:2]) for name in KINDS]
    with place(folder, *servers, trusted=False) as found:
        for name, (_, _, roots) in files.items():
            for engine in ("docker", "containers"):
                found.write(f"/etc/{engine}/certs.d/{_at(name)}/ca.crt", roots.read_bytes())
        yield found


@pytest.mark.parametrize("version", engines.PODMAN)
def test_a_certificate_is_judged_as_go_does(lab: Place, version: str) -> None:
    profile = lab.folder / "lab.toml"
    mirrors = ", ".join(f'"https://{_at(name)}"' for name in KINDS)
    profile.write_text(
        f'schema = 1\nname = "lab"\ntitle = {{ en = "lab" }}\n[docker]\nregistry-mirrors = [{mirrors}]\n'
    )
    told = lab.mirrorcfg("verify", str(profile), "--tool", "docker", "--json", "--timeout", "60")
    ours = {name: each["ok"] for name, each in zip(KINDS, told.data["sources"], strict=True)}
    real = {name: _takes(lab, version, name) for name in KINDS}
    assert {name for name in KINDS if ours[name] != real[name]} == set(STRICTER)
    assert all(real[name] for name in STRICTER)


def _takes(lab: Place, version: str, name: str) -> bool:
    words = ("inspect", "--raw", f"docker://{_at(name)}/library/hello:1")
    return engines.skopeo(lab, version, *words).returncode == 0


def _server(name: str, chain: Path, key: Path) -> Server:
    return Server(KINDS[name].host, "10.77.0.5", _port(name), str(chain), str(key))


def _port(name: str) -> int:
    return 2000 + list(KINDS).index(name)


def _at(name: str) -> str:
    case: Case = KINDS[name]
    return f"{case.host}:{_port(name)}"
