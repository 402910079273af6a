"""Runs a program for its answer: with the rights of whom it belongs to, for a time, up to a length.

Source of the rules: sudoers(5), secure_path and env_reset; setsid(2) and kill(2), for what is left behind.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from mirrorcfg import trace
from mirrorcfg.errors import ProgramError
from mirrorcfg.files.account import account
from mirrorcfg.model.plan import User
from mirrorcfg.programs import find
from mirrorcfg.programs.environment import made
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import cut


class Order(NamedTuple):
    """What to run: a program's name or absolute path, and its words.

    `user` is whose rights to use, where root acts for somebody; `environ` is added to what is made. It may
    take `seconds`, and say `limit` bytes; what is `shown` goes to our stderr and has no limit. `itself` marks
    this very interpreter: it has our rights already, whoever could change it.
    """

    argv: tuple[str, ...]
    user: User | None = None
    environ: Mapping[str, str] = {}
    stdin: bytes = b""
    seconds: float = 20.0
    limit: int = 1 << 20
    shown: bool = False
    itself: bool = False


class Done(NamedTuple):
    """How it ended and what it said. `uid` is whose rights it had; None: ours."""

    code: int
    out: bytes
    err: bytes
    uid: int | None

    @property
    def text(self) -> str:
        """What it said on its standard output."""
        return self.out.decode("utf-8", "replace")


def run(order: Order, starting: AbstractContextManager[None] | None = None) -> Done:
    """Run it to its end, in `/`; whatever it started and left in its session ends with it.

    `starting` is held while it is being started. Raises ProgramError where it isn't there, isn't to be
    trusted with these rights, can't be started, takes too long or says too much.
    """
    from mirrorcfg.programs.talk import Bounds, talk

    program = found(order)
    reduced, uid = rights(program, order)
    trace.tell("Running {command}.", command=cut(shlex.join((str(program), *order.argv[1:]))))
    bounds = Bounds(order.seconds, None if order.shown else order.limit)
    argv, environ = (str(program), *order.argv[1:]), {**made(uid), **order.environ}
    return Done(*talk(argv, environ, reduced, order.stdin, bounds, starting or nullcontext()), uid)


def found(order: Order) -> Path:
    """The program that is meant. Raises ProgramError where it isn't there."""
    program = find.which(order.argv[0], find.places(os.environ))
    if program is None:
        raise ProgramError(
            "no-such-program", sentence("There is no program {name} here.", name=order.argv[0])
        )
    return program


def rights(program: Path, order: Order) -> tuple[dict[str, Any], int | None]:
    """The words for subprocess that give up rights, and whose are left (None: ours). Raises ProgramError."""
    if not hasattr(os, "geteuid"):
        return {}, None
    if os.getuid() != os.geteuid():  # acting as somebody: root's rights must not be a step away
        return {"user": os.geteuid(), "group": os.getegid()}, os.geteuid()
    if os.geteuid() != 0 or (order.itself and order.user is None):
        return {}, None
    keeper = 0 if order.itself else find.keeper(program)
    user = order.user if order.user is not None else None if keeper is None else account(keeper)
    if user is None or keeper not in (0, user.uid):
        what = sentence(
            "{program} is not run with root's rights: others than root could change it.", program=program
        )
        raise ProgramError("program-not-trusted", what, hint=f"namei -l {shlex.quote(str(program))}")
    if user.uid == 0:
        return {}, None
    groups = list(user.groups or (user.gid,))
    return {"user": user.uid, "group": user.gid, "extra_groups": groups}, user.uid
