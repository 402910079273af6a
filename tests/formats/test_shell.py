"""What a shell makes of our words, asked of the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import shell
from tests import parts

ODD = [
    "",
    "plain",
    "it's",
    "''",
    "\\",
    "\\'",
    "a\\",
    "$HOME `id` $(id) ${X}",
    "!!",
    "%PATH%",
    'say "x"',
    "a b\tc",
    "line\nbreak\n",
    "\r\n",
    "-n",
    "~",
    "*?[a]{b,c}",
    "# no comment",
    "镜像",
    "‘smart’ ‚quotes‛",
    "\x81\x88\x01\x7f\x1b",
    ";&|<>()^",
]
SPEAKABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
SHELLS = {
    "bash": ("bash", ["-c", 'eval "$(cat "$0")"; exec env -0']),
    "dash": ("bash", ["-c", 'eval "$(cat "$0")"; exec env -0']),
    "zsh": ("bash", ["-c", 'eval "$(cat "$0")"; exec env -0']),
    "fish": ("fish", ["-c", "source $argv[1]; env -0"]),
    "pwsh": ("pwsh", ["-NoProfile", "-NonInteractive", "-Command"]),
    "uv": ("dotenv", ["run", "--no-project", "--offline", "--env-file"]),
}


def told(program: str, variables: shell.Variables, folder: Path) -> dict[str, str]:
    """The environment of a process that `program` starts after it was told these variables."""
    language, argv = SHELLS[program]
    file = folder / "told"
    file.write_text("\n".join(shell.assignments(language, variables)) + "\n", encoding="utf-8", newline="")
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "OLD": "old"}
    tail = {
        "uv": [str(file), "--", "env", "-0"],
        "pwsh": [f"Get-Content -Raw '{file}' | Invoke-Expression; & env -0"],
    }.get(program, [str(file)])
    run = subprocess.run([parts.program(program), *argv, *tail], env=environ, capture_output=True, check=True)
    return dict(entry.split("=", 1) for entry in run.stdout.decode().split("\0") if "=" in entry)


def held(language: str, values: list[str]) -> dict[str, str]:
    """Those values that the language can say, each under a name of its own."""
    found = {}
    for number, value in enumerate(values):
        try:
            shell.assignments(language, {"V": value})
        except FormatError:
            continue
        found[f"V{number}"] = value
    return found


@pytest.mark.parametrize("program", SHELLS)
def test_odd_values_arrive_as_they_are(program: str, tmp_path: Path) -> None:
    if program == "pwsh" and not shutil.which(program):
        pytest.skip("PowerShell is not among Debian's packages")
    variables = held(SHELLS[program][0], ODD)
    assert variables.items() <= told(program, variables, tmp_path).items()
    assert len(variables) == len(ODD) or program == "uv"


@pytest.mark.parametrize("program", ["bash", "dash", "fish", "uv"])
@settings(max_examples=20)
@given(values=st.lists(SPEAKABLE, max_size=60))
def test_any_value_arrives_as_it_is(
    program: str, values: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    variables = held(SHELLS[program][0], values)
    assert variables.items() <= told(program, variables, tmp_path_factory.getbasetemp()).items()


@pytest.mark.parametrize("program", ["bash", "dash", "fish"])
def test_a_variable_is_taken_away(program: str, tmp_path: Path) -> None:
    assert "OLD" not in told(program, {"OLD": None}, tmp_path)
    assert "NEVER" not in told(program, {"NEVER": None}, tmp_path)


@given(st.lists(SPEAKABLE, max_size=8))
def test_github_reads_the_lines_back(values: list[str]) -> None:
    variables = held("github", [*values, "END0", "x\nEND0\nEND1"])
    lines = iter("\n".join(shell.assignments("github", variables)).split("\n"))
    found: dict[str, str] = {}
    for line in lines:  # as the runner reads them: whichever of = and << comes first
        name, equals, value = line.partition("=")
        if "<<" in name:
            name, end = line.split("<<", 1)
            body = list(iter(lambda: next(lines), end))
            found[name] = "\n".join(body)
        else:
            assert equals
            found[name] = value
    assert found == variables


def test_cmd_doubles_percent_signs_and_quotes_the_rest() -> None:
    assert shell.assignments("cmd", {"A": "50% & <b>^!", "B": None}) == ['set "A=50%% & <b>^!"', 'set "B="']


@pytest.mark.parametrize("language", shell.LANGUAGES)
@pytest.mark.parametrize("value", ["a\0b", "a\udc80b"])
def test_what_no_environment_holds_is_refused(language: str, value: str) -> None:
    with pytest.raises(FormatError, match="can't say"):
        shell.assignments(language, {"A": value})


@pytest.mark.parametrize(
    ("language", "value"),
    [("cmd", 'a"b'), ("cmd", "a\nb"), ("cmd", "a\x1ab"), ("github", "a\r\nb")]
    + [("dotenv", value) for value in ("a'b", "a\nb", "$a", "\\", "a\rb")],
)
def test_what_a_language_cant_hold_is_refused(language: str, value: str) -> None:
    with pytest.raises(FormatError) as caught:
        shell.assignments(language, {"A": value})
    assert caught.value.code == "not-quotable"


@pytest.mark.parametrize("name", ["", "A B", "1A", "A=B", "A;id"])
def test_a_name_is_a_name(name: str) -> None:
    with pytest.raises(FormatError):
        shell.assignments("bash", {name: "x"})
