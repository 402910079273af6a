"""What is wrong with a source is what is said, whatever else is looked for on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox import Sandbox
from tests.verifier.lab import Answer, Authority, Server


@pytest.fixture
def refusing(box: Sandbox, tmp_path: Path) -> Iterator[str]:
    """An index that lets nobody in, and no way to any other."""
    authority = Authority(tmp_path)
    box.environ |= {
        "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost", "SSL_CERT_FILE": str(authority.file),
    }  # fmt: skip
    with Server(authority.context(), {"*": Answer(403)}) as server:
        yield f"localhost:{server.port}"


TEXT = 'schema = 1\nname = "{}"\ntitle = {{ en = "x" }}\n{}[pip]\nindex-url = "https://{}/simple"\n'


def test_a_profile_that_no_name_stands_for(box: Sandbox, refusing: str) -> None:
    path = box.folder / "acme.toml"
    path.write_text(TEXT.format("acme", "", refusing))
    answer = box.json("use", str(path), "--tool", "pip", "--yes", "--verify", "--timeout", "5", code=3)
    assert answer["error"]["code"] == "http-403"


def test_a_template_whose_variable_was_given(box: Sandbox, refusing: str) -> None:
    box.write(
        box.home / ".config/mirrorcfg/profiles/team.toml",
        TEXT.format("team", '[variables]\nhost = ""\n', "${host}"),
    )
    argv = ("use", "team", "--set", f"host={refusing}", "--tool", "pip", "--yes", "--verify")
    answer = box.json(*argv, "--timeout", "5", code=3)
    assert answer["error"]["code"] == "http-403"


def test_another_profile_that_is_broken(box: Sandbox, refusing: str) -> None:
    """Its CA can't be used, which is no news of the one that was asked for."""
    box.profile("team", f'[pip]\nindex-url = "https://{refusing}/simple"\n')
    box.profile("other", f'[tls]\nca-file = "/nonexistent"\n[pip]\nindex-url = "https://{refusing}/b"\n')
    answer = box.json("use", "team", "--tool", "pip", "--yes", "--verify", "--timeout", "5", code=3)
    assert answer["error"]["code"] == "http-403"


def test_another_profile_that_leads_in_a_circle(box: Sandbox, refusing: str) -> None:
    """In the image that is set up, a folder of packages is a link to itself."""
    (box.root / "packages").symlink_to("packages")
    box.profile("team", f'[pip]\nindex-url = "https://{refusing}/simple"\n')
    box.profile("other", f'[pip]\nindex-url = "https://{refusing}/b"\nfind-links = ["/packages"]\n')
    argv = ("use", "team", "--tool", "pip", "--root", str(box.root), "--yes", "--verify", "--timeout", "5")
    assert box.json(*argv, code=3)["error"]["path"] == f"https://{refusing}/simple"
