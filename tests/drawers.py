"""Every function that draws a command's result."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from mirrorcfg.cli import commands, draw
from mirrorcfg.cli.answer import Draw


def drawers() -> dict[str, Draw[Any]]:
    """By the command's file and the function's name; `draw*` in each file, and what several share."""
    found: dict[str, Draw[Any]] = {"tools": draw.tools, "text": draw.text}
    for module in pkgutil.iter_modules(commands.__path__):
        loaded = import_module(f"{commands.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            if name.startswith("draw") and value.__module__ == loaded.__name__:
                found[f"{module.name} {name}"] = value
    return found


DRAWERS = drawers()
