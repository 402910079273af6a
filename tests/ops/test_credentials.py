"""What a tool would send, found where it looks; what can't be sent is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirrorcfg.host import Host, clients, credentials


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ("cm9ib3Q6cGxhbnRlZA==", "Basic cm9ib3Q6cGxhbnRlZA=="),
        ("", None),
        ("cm9ib3Q6 ", None),
        ("cm9ib3Q6\n", None),
        ("\u00fc", None),
        (7, None),
    ],
)
def test_podmans_out_of_docker_s_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: object, sent: str | None
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"registry.example": {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    host = Host.here()
    found = credentials.split(host, clients.client(host, "podman"), "https://registry.example")
    assert found == ("https://registry.example", sent)
