"""powershell: a script for Windows, for PowerShell 5.1 and 7.

Source of the rules: Microsoft's documentation, "about_Quoting_Rules"; .NET's System.IO.File.
"""

from __future__ import annotations

from mirrorcfg.formats.shell import powershell
from mirrorcfg.scripts import HOME, PROGRAMS, ROAMING, File, Standalone, part
from mirrorcfg.scripts._text import comment

TITLE = "a PowerShell script"
PLATFORM = "win32"
SCOPE = None
STYLES = ("standalone",)  # mirrorcfg itself doesn't write on Windows

_VARIABLES = {HOME: "$env:USERPROFILE", ROAMING: "$env:APPDATA", PROGRAMS: "$env:ProgramData"}


def standalone(order: Standalone) -> str:
    """Writes the files with what Windows has; undoes itself with -Undo."""
    entries = "\n".join(_entry(file) for file in order.files)
    return (
        comment(
            f"Points this machine at the mirrors of the profile {order.profile}. Made by:",
            f"  {order.command}",
            "Run it with no option to write; a second time nothing changes. -Undo takes it back. A file that",
            "is not this script's is refused; -Replace puts it aside until -Undo.",
        )
        + "param([switch] $Undo, [switch] $Replace)\n\n"
        + f"$Files = @(\n{entries}\n)\n\n"
        + part("standalone.ps1")
    )


def _entry(file: File) -> str:
    programs = ", ".join(map(powershell, file.programs))
    return (
        f"    @{{ Tool = {powershell(file.tool)}; Path = {_path(file.path)}; Programs = @({programs})\n"
        f"        Lasting = ${str(file.lasting).lower()}; Content = {powershell(file.content)} }}"
    )


def _path(path: str) -> str:
    for mark, variable in _VARIABLES.items():
        if path.startswith(f"{mark}\\"):
            return f"(Join-Path {variable} {powershell(path.removeprefix(mark).lstrip(chr(92)))})"
    return powershell(path)
