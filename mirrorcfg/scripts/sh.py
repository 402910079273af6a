"""sh: a POSIX shell script, for dash, bash and busybox alike."""

from __future__ import annotations

from mirrorcfg.formats.shell import sh
from mirrorcfg.scripts import CONFIG, HOME, Bootstrap, File, Standalone, part
from mirrorcfg.scripts._text import comment

TITLE = "a POSIX shell script"
PLATFORM = "linux"
SCOPE = None
STYLES = ("bootstrap", "standalone")

# A user's own files: where the user, and not the system, keeps them.
_OWN = """\
own=yes
: "${HOME:?is not set}"
config=${XDG_CONFIG_HOME:-$HOME/.config}
"""


def standalone(order: Standalone) -> str:
    """Writes the files with what every system has; undoes itself with --undo."""
    own = any(file.path.startswith((HOME, CONFIG)) for file in order.files)
    calls = "\n".join(_call(file) for file in order.files)
    return (
        "#!/bin/sh\n"
        + comment(
            f"Points this machine at the mirrors of the profile {order.profile}. Made by:",
            f"  {order.command}",
            "Run it with no option to write; a second time nothing changes. --undo takes it back. A file",
            "that is not this script's is refused; --replace puts it aside until --undo.",
        )
        + (f"\n{_OWN}\n" if own else "\nown=\n\n")
        + "# Calls $1 with each file: its tool, path and content, and what programs show that it is needed.\n"
        + f"files() {{\n{calls}\n}}\n\n"
        + part("path.sh")
        + part("words.sh")
        + part("standalone.sh")
    )


def bootstrap(order: Bootstrap) -> str:
    """Fetches mirrorcfg into a folder that is gone at the end, and runs it."""
    hashes = " ".join(f"--hash={each}" for each in order.hashes)
    return (
        "#!/bin/sh\n"
        + comment(
            f"Points this machine at the mirrors of the profile {order.profile}. Made by:",
            f"  {order.command}",
            "Fetches mirrorcfg through its index into a folder that is gone at the end, and runs it.",
            "Run it with no option to switch, with --undo to take the latest switch back.",
        )
        + f"\nrequirement={sh(f'mirrorcfg=={order.version}')}\nhashes={sh(hashes)}\n\n"
        + "# Calls its arguments with the options that name the index.\n"
        + _function("from", ['"$@"', *map(sh, order.sources)])
        + "# Calls its arguments with what mirrorcfg is to be told.\n"
        + _function("switch", ['"$@"', *map(sh, order.arguments)])
        + "# What goes along: profiles that don't come with mirrorcfg, and certificates.\n"
        + _function("prepare", *_prepared(order))
        + part("path.sh")
        + part("words.sh")
        + part("bootstrap.sh")
    )


def _prepared(order: Bootstrap) -> list[list[str]]:
    lines = [
        ["printf", "'%s'", sh(text), f'>"$work/profiles/{name}.toml"']
        for name, text in order.profiles.items()
    ]
    if order.certificates is not None and order.ca_file is not None:
        lines += [
            ["ca=$work/ca.pem"],
            ["printf", "'%s'", sh(order.certificates), '>"$ca"'],
            ["lay", sh(order.ca_file)],
        ]
    return lines or [[":"]]


def _function(name: str, *lines: list[str]) -> str:
    body = "".join(f"    {' '.join(line)}\n" for line in lines)
    return f"{name}() {{\n{body}}}\n\n"


def _call(file: File) -> str:
    words = [file.tool, _path(file.path), sh(file.content), *map(sh, file.programs)]
    return f'    "$1" {" ".join(words)}'


def _path(path: str) -> str:
    for mark, variable in ((HOME, '"$HOME"'), (CONFIG, '"$config"')):
        if path.startswith(f"{mark}/"):
            return variable + sh(path.removeprefix(mark))
    return sh(path)
