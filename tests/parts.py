"""The real parts that tests need; one that is absent skips by name, and fails where MIRRORCFG_CI is set."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# The system's programs, once where a folder is a link to another: a script of root's judges each in each folder.
PATH = "/usr/bin" if Path("/bin").is_symlink() else "/usr/bin:/bin"


def program(name: str) -> str:
    """The path of a program, those of this virtual environment first, or a skip that names it."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        absent(f"the program {name} is not installed")
    return str(found)


def older_uv(version: str, folder: Path) -> str:
    """The path of a uv of that version, in a virtual environment of its own, or a skip."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder.parent)}
    commands = [
        ["venv", "-q", "--python", sys.executable, folder],
        ["pip", "install", "-q", f"uv=={version}"],
    ]
    for words in commands:
        line = [program("uv"), *words, *(["--python", f"{folder}/bin/python"] if words[0] == "pip" else [])]
        done = subprocess.run(line, env=environ | _ways(), capture_output=True, text=True)
        if done.returncode:
            absent(f"uv {version} can't be installed: {done.stderr.strip()}")
    return str(folder / "bin/uv")


def _ways() -> dict[str, str]:
    """How this machine gets to an index."""
    return {name: value for name, value in os.environ.items() if re.search("(?i)proxy|INDEX|CERT", name)}


def root() -> None:
    """Root's rights, or a skip."""
    if os.geteuid() != 0:
        absent("this needs root")


def mounts() -> None:
    """The right to make a mount namespace and to enter it, or a skip."""
    root()
    for name in ("unshare", "nsenter"):
        program(name)
    if lack := no_mounts():
        absent(f"this needs mount namespaces: {lack}")


@functools.cache
def no_mounts() -> str | None:
    """Why a test can't have mounts of its own here.

    Whoever enters a mount namespace gets its root directory (setns(2)): in a chroot a test that does would find
    itself outside of it, on the machine.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux to mount"
    line = ["unshare", "-m", "sh", "-c", "nsenter -t $$ -m stat -c %d:%i /"]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip()
    here = Path("/").stat()
    return (
        None
        if done.stdout.strip() == f"{here.st_dev}:{here.st_ino}"
        else "this is a chroot, they lead out of it"
    )


def others(program: str) -> str:
    """A program that every account can reach and run, or a skip."""
    rights = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if subprocess.run([*rights, program, "--version"], cwd="/", capture_output=True).returncode:
        absent(f"other accounts can't run {program}")
    return program


def absent(reason: str) -> None:
    """Skip, with the reason; fail in CI, where everything that can be installed must be there."""
    if os.environ.get("MIRRORCFG_CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def needed() -> Iterator[None]:
    """A program that is started by its bare name and isn't there is an absent part, whoever forgot to ask."""
    try:
        yield
    except FileNotFoundError as error:
        if not _of_a_start(error):
            raise
        absent(f"the program {error.filename} is not installed")


def _of_a_start(error: FileNotFoundError) -> bool:
    """Whether it is subprocess that looked for a program along PATH."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    started = at is not None and at.tb_frame.f_code.co_filename == subprocess.__file__
    return started and os.sep not in os.fsdecode(error.filename)
