"""The editor of whoever asks, on a file of theirs, with their rights.

Source of the rules: sudoers(5), sudoedit; environ(7), EDITOR and VISUAL.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from mirrorcfg import trace
from mirrorcfg.errors import CommandError, ProgramError
from mirrorcfg.model.plan import User
from mirrorcfg.programs.command import Command
from mirrorcfg.programs.environment import made
from mirrorcfg.programs.run import Order, found, rights
from mirrorcfg.sentence import sentence

_OTHERS = ("notepad",) if sys.platform == "win32" else ("sensible-editor", "nano", "vi")
_OF_TERMINAL = ("TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")


def edit(path: Path, user: User | None = None) -> None:
    """Have it edited, on the terminal that we have. Raises ProgramError where that comes to nothing."""
    failed: ProgramError | None = None
    for words in _choices():
        order = Order((*words, str(path)), user)
        try:
            program = found(order)
        except ProgramError as error:
            failed = failed or error
            continue
        reduced, uid = rights(program, order)
        inherited = {name: os.environ[name] for name in _OF_TERMINAL if name in os.environ}
        environ = dict(os.environ) if uid is None else {**made(uid), **inherited}
        trace.tell("Running {command}.", command=shlex.join([str(program), *words[1:]]))
        try:
            code = Command([str(program), *order.argv[1:]], reduced).run(environ).code
        except CommandError as error:
            raise ProgramError("program-not-run", error.what, hint="export EDITOR=vi") from None
        if code != 0:
            what = sentence("The editor {program} ended with code {code}.", program=program, code=code)
            raise ProgramError("editor-failed", what, hint="export EDITOR=vi")
        return
    raise failed or ProgramError("no-such-program", "No editor is here.", hint="export EDITOR=vi")


def _choices() -> Iterator[tuple[str, ...]]:
    """The words of the one that was chosen; else those that are usually there."""
    for name in ("VISUAL", "EDITOR"):
        if words := shlex.split(os.environ.get(name, "")):
            yield tuple(words)
            return
    yield from ((name,) for name in _OTHERS)
