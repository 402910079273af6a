"""gitlab-ci: a hidden job, for `extends: .mirrors` in any job of the pipeline.

Source of the rules: GitLab's documentation, "CI/CD YAML syntax reference" and "Hide jobs".
"""

from __future__ import annotations

from mirrorcfg.model.machine import Scope
from mirrorcfg.scripts import Bootstrap, Standalone, sh
from mirrorcfg.scripts._text import block, comment, delimiter

TITLE = "a hidden job of GitLab's"
PLATFORM = "linux"
SCOPE: Scope | None = None
STYLES = ("bootstrap", "standalone")


def standalone(order: Standalone) -> str:
    """The sh script as what runs before the job's own."""
    return _job(order, sh.standalone(order))


def bootstrap(order: Bootstrap) -> str:
    """The same; the job's image has to have Python and its venv module, or uv."""
    return _job(order, sh.bootstrap(order))


def _job(order: Standalone | Bootstrap, script: str) -> str:
    # A shell of its own: what it sets doesn't reach the job's.
    end = delimiter(script, "MIRRORCFG")
    step = f"sh -s <<'{end}'\n{script}{end}\n"
    return (
        comment("Made by:", f"  {order.command}")
        + ".mirrors:\n"
        + "  before_script:\n"
        + f"    - {block(step, 6)}\n"
    )
