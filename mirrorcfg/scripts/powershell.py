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

# What the script says, in Chinese; {0} is the place.
_CHINESE = {
    "error: {0}": "错误：{0}",
    "{0} is a folder; nothing was changed.": "{0} 是目录；什么都没有改动。",
    "{0} is a link; nothing was changed.": "{0} 是链接；什么都没有改动。",
    "{0} was edited since this script wrote it; nothing was changed. Put it aside first.": (
        "{0} 在这个脚本写入之后被修改过；什么都没有改动。请先把它移开。"
    ),
    "{0} is there already, and not this script's; nothing was changed. -Replace puts it aside until -Undo.": (
        "{0} 已经存在，不是这个脚本写的；什么都没有改动。-Replace 会把它移开，直到 -Undo。"
    ),
    "Docker reads its file when it starts next.": "Docker 下次启动时会读取它的文件。",
}
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
        + f"$Chinese = @{{\n{_words()}}}\n\n"
        + part("standalone.ps1")
    )


def _words() -> str:
    spelt = {text: "".join(map(_spelt, said)) for text, said in _CHINESE.items()}
    return "".join(f"    {powershell(text)} = {powershell(said)}\n" for text, said in spelt.items())


def _spelt(character: str) -> str:
    return character if character.isascii() else f"\\u{ord(character):04x}"


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
