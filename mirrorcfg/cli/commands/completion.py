"""`completion`: a shell's script that completes mirrorcfg's command lines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

import typer

from mirrorcfg.cli import draw as d
from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.completion import SHELLS, script

TASK = "self"
RANK = 195

ShellName = StrEnum("ShellName", {name: name for name in SHELLS})  # type: ignore[misc]


class Completion(NamedTuple):
    """A shell, and the script for it."""

    shell: str
    text: str


def completion(
    shell: Annotated[ShellName, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
    json: o.Json = False,
) -> Answer:
    """Print what has a shell complete mirrorcfg's commands.

    It completes commands, options, profiles, tools and the numbers of the history. No file of yours is
    changed.

    Have it in this shell, which is bash, zsh or fish:
      eval "$(mirrorcfg completion bash)"
      source <(mirrorcfg completion zsh)
      mirrorcfg completion fish | source

    Have it in every shell from now on:
      mirrorcfg completion bash > ~/.local/share/bash-completion/completions/mirrorcfg
      mirrorcfg completion fish > ~/.config/fish/completions/mirrorcfg.fish

    Have it in PowerShell; the same line in $PROFILE is for every one:
      mirrorcfg completion powershell | Out-String | Invoke-Expression
    """
    from mirrorcfg.model.result import Result

    return Answer.of(Result("completion", Completion(shell.value, script(shell.value))), d.text)
