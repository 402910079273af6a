"""`official`: what a tool ships with, asked of the tool itself, so that it can't go stale here."""

from __future__ import annotations

import re

from mirrorcfg.errors import ProgramError
from mirrorcfg.host import Host
from mirrorcfg.host.layers import ToolLayers
from mirrorcfg.model.plan import User
from mirrorcfg.model.settings import Settings
from mirrorcfg.whose import owner
from mirrorcfg.writers import Question, writer

_PATIENCE = 20  # seconds; conda can take several to start


def explicit(layers: ToolLayers) -> Settings:
    """The defaults to write out, because a weaker layer still holds something else there.

    Empty where clearing the keys is enough, or where the tool can't be asked.
    """
    if layers.host.root is not None:
        return {}  # a program of the image's is not run on this machine
    questions = layers.writer.questions(layers.host.machine)
    weaker = _weaker(layers)
    keeper = owner(layers.file) if layers.file else 0
    answers = {
        shadow.key: answered(questions[shadow.key], layers.host.user, keeper)
        for shadow in layers.shadows({})
        if shadow.key in questions and all(layer in weaker for layer in shadow.layers)
    }
    return {key: answer for key, answer in answers.items() if answer is not None}


def asked(host: Host, tool: str) -> Settings:
    """What the tool ships with, as far as it tells; it is asked, so this takes as long as its start."""
    if host.root is not None:
        return {}
    answers = {key: answered(it, host.user) for key, it in writer(tool).questions(host.machine).items()}
    return {key: answer for key, answer in answers.items() if answer is not None}


def _weaker(layers: ToolLayers) -> tuple[object, ...]:
    position = next((n for n, layer in enumerate(layers.layers) if layer.target), 0)
    return layers.layers[:position]


def answered(question: Question, user: User | None, keeper: int = 0) -> str | None:
    """What it answers; root believes its own programs, the invoking user's and `keeper`'s."""
    from mirrorcfg.programs.run import Order, run

    try:
        done = run(Order(question.argv, user, seconds=_PATIENCE))
    except ProgramError:
        return None
    if done.code or done.uid not in (None, user.uid if user else 0, keeper):
        return None
    if question.pattern is None:
        return done.text.strip() or None
    found = re.search(question.pattern, done.text)
    return found[1] if found else None
