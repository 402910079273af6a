"""What is looked at, told as it happens where somebody listens (`--verbose`)."""

from __future__ import annotations

from collections.abc import Callable

from mirrorcfg.sentence import sentence

_listeners: list[Callable[[str], None]] = []


def listen(listener: Callable[[str], None]) -> None:
    """Tell this one from now on, and no other."""
    _listeners[:] = [listener]


def tell(template: str, /, **facts: object) -> None:
    """`tell("Read {path}.", path=path)`: a sentence, made only where somebody listens."""
    for listener in _listeners:
        listener(sentence(template, **facts))
