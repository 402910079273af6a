"""cloud-init: the sh script as a file of the new machine, run once at its first boot.

Source of the rules: cloud-init's documentation, "Write Files" and "Runcmd".
"""

from __future__ import annotations

from mirrorcfg.model.machine import Scope
from mirrorcfg.scripts import Bootstrap, Standalone, sh
from mirrorcfg.scripts._text import block, comment

TITLE = "a cloud-config"
PLATFORM = "linux"
SCOPE: Scope | None = "system"
STYLES = ("bootstrap", "standalone")

_FILE = "/usr/local/sbin/mirrorcfg-onboard"


def standalone(order: Standalone) -> str:
    """The script stays on the machine, for --undo."""
    return _config(order, sh.standalone(order))


def bootstrap(order: Bootstrap) -> str:
    """The same; the image has to have Python and its venv module, or uv."""
    return _config(order, sh.bootstrap(order))


def _config(order: Standalone | Bootstrap, script: str) -> str:
    # runcmd runs without a home.
    return (
        "#cloud-config\n"
        + comment(
            f"Points the machine at the mirrors of the profile {order.profile}. Made by:",
            f"  {order.command}",
        )
        + "write_files:\n"
        + f"  - path: {_FILE}\n"
        + '    permissions: "0755"\n'
        + f"    content: {block(script, 6)}\n"
        + "runcmd:\n"
        + f"  - [env, HOME=/root, {_FILE}]\n"
    )
