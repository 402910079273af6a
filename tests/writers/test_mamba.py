"""What mamba and micromamba search, by the source of libmamba; they can't run here."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from mirrorcfg.model.layer import Effective, Layer, Reading
from mirrorcfg.writers import conda


def asked(*texts: str, tool: str = "mamba", **variables: str) -> Effective:
    """With these files, weak to strong, and variables above them."""
    readings = [Reading(Layer(tool, value=None if tool == "mamba" else "26.7.1"))]
    readings += [
        Reading(Layer("file", PurePosixPath(f"/{n}")), conda.read(text)) for n, text in enumerate(texts)
    ]
    readings += [Reading(Layer(name, variable=name, value=value)) for name, value in variables.items()]
    return conda.effective(readings)


def urls(*texts: str, **variables: str) -> list[str]:
    return [each.source.url for each in asked(*texts, **variables).asked or ()]


ALIAS = "channel_alias: https://a.example/c/\n"


@pytest.mark.parametrize(
    ("texts", "variables", "expected"),
    [
        (["default_channels: ['https://d.example/x']\n"], {}, []),
        (["channels: [x]\n"], {}, ["x"]),
        ([f"{ALIAS}channels: [x, 'https://y.example/z/']\n"], {}, ["https://a.example/c/x", "https://y.example/z"]),
        ([f"{ALIAS}channels: [defaults]\n"], {}, ["defaults"]),
        ([f"{ALIAS}channels: [defaults]\ndefault_channels: [p, 'https://d.example/x/']\n"], {},
         ["https://a.example/c/p", "https://d.example/x"]),
        (["channels: [defaults]\ndefault_channels: [p]\ncustom_channels: {p: 'https://p.example'}\n"], {}, ["https://p.example/p"]),
        (["channels: [g]\ncustom_multichannels: {g: ['https://g.example/1', p]}\n" + ALIAS], {},
         ["https://g.example/1", "https://a.example/c/p"]),
        (["channels: [g]\ncustom_multichannels: {g: ['https://g.example/1']}\ncustom_channels: {g: 'https://c.example'}\n"], {},
         ["https://c.example/g"]),
        (["channels: [a/b/c, a/x]\ncustom_channels: {a: 'https://one.example/', a/b: 'https://two.example'}\n"], {},
         ["https://two.example/a/b/c", "https://one.example/a/x"]),
        (["channels: [a/x]\ncustom_channels: {a: 'https://one.example/a'}\n"], {}, ["https://one.example/a/x"]),
        (["channels: [a, b]\nmirrored_channels: {b: ['https://m.example/1', 'https://m.example/2']}\n"], {},
         ["https://m.example/1", "https://m.example/2", "a"]),
        (["channels: [a, b]\n", "channels: [b, c]\n"], {}, ["b", "c", "a"]),
        ([ALIAS, "channel_alias: https://strong.example\nchannels: [x]\n"], {}, ["https://strong.example/x"]),
        (["custom_channels: {a: 'https://one.example'}\nchannels: [a]\n", "custom_channels: {b: 'https://two.example'}\n"], {}, ["a"]),
        (["channels: [a]\n"], {"CONDA_CHANNELS": "b"}, ["b", "a"]),
        (["channels: [a]\n"], {"MAMBA_CUSTOM_CHANNELS": "{a: https://v.example}"}, ["https://v.example/a"]),
        (["channels: [a]\n"], {"MAMBA_MIRRORED_CHANNELS": "{a: [https://v.example/a]}"}, ["https://v.example/a"]),
        (["channels: [a]\n"], {"MAMBA_CUSTOM_CHANNELS": "a"}, ["a"]),
        (["channels: [a, 'file:///srv/c']\noffline: true\n"], {}, ["file:///srv/c"]),
        (["channels: [a]\noffline: true\n"], {"MAMBA_OFFLINE": "false"}, ["a"]),
        (["channels:  #!final\n  - a\n", "channels: [b]\n"], {}, ["b", "a"]),
    ],
)  # fmt: skip
def test_what_mamba_searches(texts: list[str], variables: dict[str, str], expected: list[str]) -> None:
    assert urls(*texts, **variables) == expected


def test_offline_is_named() -> None:
    barred = asked("channels: [a]\noffline: true\n").barred
    assert barred is not None
    assert barred.option == "offline"


def test_where_mamba_beside_a_conda_goes_elsewhere() -> None:
    text = "custom_channels: {a: 'https://one.example'}\nmirrored_channels: {a: ['https://m.example/a'], b: [x]}\n"
    notes = asked(text, tool="conda 26.7.1").warnings
    assert len(notes) == 1
    assert "https://m.example/a for a" in notes[0]
