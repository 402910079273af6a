"""dockerfile: one RUN for a Dockerfile, with the sh script as its here-document.

Source of the rules: Docker's documentation, "Dockerfile reference", Here-Documents (BuildKit, Docker 23.0).
"""

from __future__ import annotations

from mirrorcfg.model.machine import Scope
from mirrorcfg.scripts import Bootstrap, Standalone, sh
from mirrorcfg.scripts._text import comment, delimiter

TITLE = "an instruction for a Dockerfile"
PLATFORM = "linux"
SCOPE: Scope | None = "system"
STYLES = ("bootstrap", "standalone")


def standalone(order: Standalone) -> str:
    """Writes the image's files."""
    return _run(order, sh.standalone(order))


def bootstrap(order: Bootstrap) -> str:
    """The same; the image has to have Python and its venv module, or uv."""
    return _run(order, sh.bootstrap(order))


def _run(order: Standalone | Bootstrap, script: str) -> str:
    # A quoted delimiter keeps Docker from filling in variables; the first line says what runs it. hadolint
    # reads the script as if it were a line of the Dockerfile's own.
    end = delimiter(script, "MIRRORCFG")
    return (
        comment(
            f"Points the image at the mirrors of the profile {order.profile}. Made by:", f"  {order.command}"
        )
        + comment("hadolint ignore=DL3001,DL3003,DL4006")
        + f"RUN <<'{end}'\n{script}{end}\n"
    )
