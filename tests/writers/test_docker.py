"""docker's writer: registry-mirrors, and not a byte of the rest."""

from __future__ import annotations

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.writers import Writer, docker

WRITER: Writer = docker
MIRRORS = {"registry-mirrors": ("https://mirror.example",)}

NVIDIA = """{
    "data-root": "/data/docker",
    "log-opts": {"tag": "{{.Name}}", "max-size": "100m"},
    "runtimes": {
        "nvidia": {"path": "nvidia-container-runtime", "runtimeArgs": []}
    }
}
"""

GOLDEN = [
    ("a new file", "", '{\n  "registry-mirrors": [\n    "https://mirror.example"\n  ]\n}\n'),
    (
        "nvidia's runtimes stay",
        NVIDIA,
        NVIDIA.replace(
            "    }\n}\n", '    },\n    "registry-mirrors": [\n        "https://mirror.example"\n    ]\n}\n'
        ),
    ),
    ("one line", '{"debug":true}', '{"debug":true,"registry-mirrors":["https://mirror.example"]}'),
    (
        "a value is replaced in its own style",
        '{\r\n\t"registry-mirrors" : [\r\n\t\t"https://old.example"\r\n\t]\r\n}',
        '{\r\n\t"registry-mirrors" : [\r\n\t\t"https://mirror.example"\r\n\t]\r\n}',
    ),
]


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_mirrors_are_set_and_nothing_else(before: str, after: str) -> None:
    assert docker.edit(before, MIRRORS) == after
    assert docker.edit(after, MIRRORS) == after
    assert docker.revert(after, after, before) == before


def test_default_takes_the_key_away() -> None:
    assert docker.edit('{"registry-mirrors": ["https://a.example"], "debug": true}', {}) == '{"debug": true}'


@pytest.mark.parametrize(
    "text",
    [
        "// why\n{}",
        '{"debug": true,}',
        '{"a": 1, "a": 2}',
        "[]",
        '{"registry-mirrors": "https://a.example"}',
        '{"registry-mirrors": [1]}',
        '{"x": NaN}',
    ],
)
def test_what_dockerd_refuses_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        docker.edit(text, MIRRORS)
