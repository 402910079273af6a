"""What a word of the command line may be: candidates for the shell's completion, each with what it is.

Nothing here asks the network, starts a program or changes a file.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import typer

from mirrorcfg.cli.language import language
from mirrorcfg.errors import MirrorcfgError

if TYPE_CHECKING:
    from mirrorcfg.profiles.library import Library

Candidates = list[tuple[str, str]]


def complete_profiles(incomplete: str) -> Candidates:
    """The profiles whose names begin so, with their titles."""
    from mirrorcfg.host import Host

    library = Host.here().profiles
    return [(name, _title(library, name)) for name in library.called() if name.startswith(incomplete)]


def _title(library: Library, name: str) -> str:
    """In the reader's language where the profile has it; nothing for a profile that is broken."""
    with suppress(MirrorcfgError):
        titles = library.template(name).titles
        return titles.get(language()) or next(iter(titles.values()), "")
    return ""


def complete_tools(incomplete: str) -> Candidates:
    """TOOL,TOOL."""
    from mirrorcfg import writers

    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    return [
        (f"{before}{comma}{name}", "")
        for name in writers.names()
        if name.startswith(last) and name not in given
    ]


def complete_overrides(incomplete: str) -> Candidates:
    """TOOL=PROFILE."""
    tool, equals, profile = incomplete.partition("=")
    if not equals:
        return [(f"{name}=", told) for name, told in complete_tools(tool)]
    return [(f"{tool}={name}", title) for name, title in complete_profiles(profile)]


def complete_chain(incomplete: str) -> Candidates:
    """PROFILE,PROFILE."""
    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    return [(f"{before}{comma}{name}", title) for name, title in complete_profiles(last) if name not in given]


def complete_generations(incomplete: str) -> Candidates:
    """The numbers of the history that begin so, the latest first, with why each was made; and 0."""
    from mirrorcfg.host import Host

    beginning = ("0", "before mirrorcfg first ran")
    made = [(str(each.number), f"{each.time[:10]} {each.reason}") for each in Host.here().store.history()]
    return [(number, told) for number, told in [*made, beginning] if number.startswith(incomplete)]


def complete_shells(incomplete: str) -> Candidates:
    """The languages that `env` speaks."""
    from mirrorcfg.formats.shell import LANGUAGES

    return [(name, "") for name in LANGUAGES if name.startswith(incomplete)]


def complete_formats(incomplete: str) -> Candidates:
    """The formats of `script`."""
    from mirrorcfg import scripts

    return [(name, "") for name in scripts.names() if name.startswith(incomplete)]


def complete_keys(incomplete: str) -> Candidates:
    """The keys of the configuration that begin so, with what each is for."""
    from mirrorcfg.config import SETTINGS

    return [(key, setting.help) for key, setting in SETTINGS.items() if key.startswith(incomplete)]


def complete_config(ctx: typer.Context, args: list[str], incomplete: str) -> Candidates:
    """The same, and what else may stand there: the commands of `config`."""
    command: Any = ctx.parent.command if ctx.parent else None
    entries = [entry for section in command.sections(ctx) for entry in section.entries] if command else []
    own = [(entry.word, entry.told) for entry in entries if entry.word.startswith(incomplete)]
    return [*complete_keys(incomplete), *own]


def complete_settings(ctx: typer.Context, args: list[str], incomplete: str) -> Candidates:
    """What a key of the configuration may be."""
    from mirrorcfg.config import SETTINGS

    setting = SETTINGS.get(ctx.params.get("key") or "")
    if setting is None or setting.kind not in (str, list):
        return []
    return complete_profiles(incomplete) if setting.kind is str else complete_chain(incomplete)


def complete_commands(ctx: typer.Context, args: list[str], incomplete: str) -> Candidates:
    """The commands of the one that was named before, if one was."""
    context = ctx.find_root()
    command: Any = context.command
    for word in ctx.params.get("words") or ():
        command = command.get_command(context, word) if hasattr(command, "get_command") else None
    sections = command.sections(context) if hasattr(command, "sections") else []
    entries = [entry for section in sections for entry in section.entries]
    return [(entry.word, entry.told) for entry in entries if entry.word.startswith(incomplete)]
