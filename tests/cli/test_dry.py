"""A dry run tells what would be: the addresses of after it, in words that say so, with nothing written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox import Sandbox

TUNA = "https://pypi.tuna.tsinghua.edu.cn/simple"
NJU = "https://mirror.nju.edu.cn/pypi/web/simple"
SAID = "Nothing was written: this was a dry run."


def files(box: Sandbox) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in box.folder.rglob("*") if path.is_file()}


def effective(answer: dict[str, Any]) -> dict[str, Any]:
    return {tool: entry["effective"] for tool, entry in answer["data"]["tools"].items()}


@pytest.fixture
def twice(box: Sandbox) -> Sandbox:
    for name in ("tsinghua", "nju"):
        box.run("use", name, "--tool", "pip", code=0)
    return box


@pytest.mark.parametrize(
    ("argv", "address"), [(("undo",), TUNA), (("restore", "1"), TUNA), (("restore", "0"), None)]
)
def test_the_way_back(twice: Sandbox, argv: tuple[str, ...], address: str | None) -> None:
    before = files(twice)
    answer = twice.json(*argv, "--dry-run")
    assert answer["data"]["dry_run"]
    assert effective(answer) == {"pip": [address] if address else []}
    done = twice.run(*argv, "--dry-run", code=0)
    assert f"would be {'changed' if address else 'removed'}" in done.out
    assert f"would use         {address or '(the tool'}" in done.out
    assert NJU not in done.out
    assert SAID in done.err
    assert "take it back" not in done.err
    assert files(twice) == before


def test_a_dry_run_says_what_the_real_one_then_says(box: Sandbox) -> None:
    """Every tool, in an image, there and back."""
    root = ("--root", str(box.root))
    tools = "pip,conda,uv,docker,podman,containerd,buildkit,k3s"
    for path in ("etc/containerd/config.toml", "etc/rancher/k3s/registries.yaml"):
        box.write(box.root / path, "")
    for argv in (
        ("use", "china", "--tool", tools, *root),
        ("undo", *root),
        ("undo", *root),
        ("restore", "0", *root),
    ):
        more = ("--no-verify",) if argv[0] == "use" else ()
        told = box.run(*argv, *more, "--dry-run", "--json").data
        done = box.run(*argv, *more, "--json").data
        assert told["dry_run"]
        assert not done["dry_run"]
        assert told["tools"] == done["tools"], argv


def test_a_switch(box: Sandbox) -> None:
    before = files(box)
    done = box.run("use", "tsinghua", "--tool", "pip", "--dry-run", code=0)
    assert "would be created" in done.out
    assert f"would use         {TUNA}" in done.out
    assert SAID in done.err
    assert box.json("use", "tsinghua", "--tool", "pip", "--dry-run")["data"]["dry_run"]
    assert files(box) == before


def test_what_is_done_is_no_dry_run(box: Sandbox) -> None:
    done = box.run("use", "tsinghua", "--tool", "pip", code=0)
    assert "would" not in done.out + done.err
    assert SAID not in done.err


@pytest.mark.parametrize("option", ["--install", "--uninstall"])
def test_a_service(box: Sandbox, option: str) -> None:
    """cron alone is here, with a crontab of its own."""
    table = box.folder / "crontab"
    script = f'#!/bin/sh\n[ "$1" = -l ] && {{ cat {table} 2>/dev/null; exit $?; }}\ncat > {table}\n'
    box.write(box.folder / "bin/crontab", script)
    (box.folder / "bin/crontab").chmod(0o755)
    (box.folder / "bin/python3").symlink_to("/usr/bin/python3")
    environ = {"PATH": f"{box.folder}/bin"}
    done = box.run("watch", option, "--scope", "user", "--dry-run", environ=environ)
    assert not table.exists()
    assert SAID in done.err, done
    assert "--uninstall" not in done.err
    answer = box.json("watch", option, "--scope", "user", "--dry-run", environ=environ)
    assert answer["data"]["dry_run"]
