"""What a command doesn't need isn't imported: that is most of its speed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.sandbox import Sandbox

NETWORK = ("httpx2", "httpcore2", "h11", "ssl", "mirrorcfg.verifier", "asyncio")
HEAVY = (*NETWORK, "rich", "tomlkit", "ruamel.yaml", "mirrorcfg.ops", "mirrorcfg.host")


def imported(box: Sandbox, *argv: str) -> set[str]:
    """The modules that were imported by the end of a command."""
    script = (
        "import sys; sys.argv = ['mirrorcfg', *sys.argv[1:]]\n"
        "from mirrorcfg.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *argv], env=box.environ, cwd=box.folder, capture_output=True, text=True
    )
    assert "mirrorcfg.cli.app" in done.stderr, done.stderr
    return set(done.stderr.split())


def test_help_needs_nothing(box: Sandbox) -> None:
    assert not imported(box, "--help") & set(HEAVY)


@pytest.mark.parametrize(
    "argv",
    [
        ("use", "china", "--root", "root", "--no-verify"),
        ("status",),
        ("undo",),
        ("history",),
        ("ls",),
        ("env", "nju"),
    ],
    ids=" ".join,
)
def test_only_verify_needs_the_network(box: Sandbox, argv: tuple[str, ...]) -> None:
    assert not imported(box, *argv) & set(NETWORK)


def test_without_a_configuration_no_toml_is_read(box: Sandbox) -> None:
    assert "tomllib" not in imported(box, "history")


def test_a_command_that_meets_no_condarc_does_without_yaml(box: Sandbox) -> None:
    assert not imported(box, "use", "tsinghua", "--tool", "pip", "--no-verify") & {"ruamel.yaml", "tomlkit"}


def test_nothing_is_asked_below_a_root(box: Sandbox) -> None:
    """No program runs there that could be told."""
    argv = ("use", "china", "--tool", "docker", "--root", "root", "--no-verify")
    assert not imported(box, *argv) & {"socket", "mirrorcfg.activation.engine", "http.client"}


def test_the_version_builds_no_command(box: Sandbox) -> None:
    assert not [name for name in imported(box, "--version") if name.startswith("mirrorcfg.cli.commands.")]
