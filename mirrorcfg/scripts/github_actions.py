"""github-actions: a composite action, for `uses: ./.github/actions/NAME` in any workflow of the repository.

Source of the rules: GitHub's documentation, "Metadata syntax for GitHub Actions" and "Expressions".
"""

from __future__ import annotations

from mirrorcfg.model.machine import Scope
from mirrorcfg.scripts import Bootstrap, Standalone, sh
from mirrorcfg.scripts._text import block, comment, scalar

TITLE = "a composite action of GitHub's"
PLATFORM = "linux"
SCOPE: Scope | None = None
STYLES = ("bootstrap", "standalone")


def standalone(order: Standalone) -> str:
    """The sh script as the action's one step."""
    return _action(order, sh.standalone(order))


def bootstrap(order: Bootstrap) -> str:
    """The same; GitHub's own runners have Python."""
    return _action(order, sh.bootstrap(order))


def _action(order: Standalone | Bootstrap, script: str) -> str:
    step = script.replace("${{", "${{ '${{' }}")  # GitHub would take it for an expression
    return (
        comment("Made by:", f"  {order.command}", "Its place: .github/actions/mirrors/action.yml")
        + "name: Package mirrors\n"
        + f"description: {scalar(f'Points the tools of the job at the profile {order.profile}')}\n"
        + "runs:\n"
        + "  using: composite\n"
        + "  steps:\n"
        + "    - shell: sh\n"
        + f"      run: {block(step, 8)}\n"
    )
