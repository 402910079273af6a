"""The `__main__` of mirrorcfg.pyz: unpacks once what the file carries, and runs it from there.

Out of a zip file Python compiles every module anew at each start, which trebles a command's time, and the
profiles are files: docs/pyz.md. An older Python must be able to read this module, to be told that it is one.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

KEY = ""  # the name of a copy, another one for any other content: pyz/build.py puts it in
PACKED = "site"  # the directory of the archive that is unpacked
ARCHIVE = Path(__file__).parent


def main() -> None:
    """Run mirrorcfg out of the copy that is kept; where none can be, out of one for this run alone."""
    if sys.version_info < (3, 11):  # noqa: UP036  # this is where it is told
        sys.exit(f"mirrorcfg needs Python 3.11 or newer, and this is {sys.version.split()[0]}.")
    sys.path[0] = str(kept() or passing())
    from mirrorcfg.__main__ import main as run

    run()


def kept() -> Path | None:
    """The copy in the caller's cache, unpacked at the first run; None where it can't be, or isn't safe.

    Code runs from there, so nobody else may be able to write to it. root has a place of its own, whatever
    sudo has made of HOME.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    told = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    cache = Path(told or ("/var/cache" if root else "~/.cache"))
    try:
        folder = cache.expanduser() / "mirrorcfg"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not safe(folder):
            return None
        place = folder / KEY
        if not place.is_dir():
            unpack(folder, place)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return place


def safe(folder: Path) -> bool:
    """Is it a directory of our own, in one of our own, that nobody else can write to?"""
    if not hasattr(os, "geteuid"):
        return True
    found, above = folder.lstat(), folder.parent.stat()
    own = found.st_uid == above.st_uid == os.geteuid()
    return own and stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022


def unpack(folder: Path, place: Path) -> None:
    """Put a whole copy at `place`, by way of `folder` on the same disk. Raises OSError."""
    import shutil
    import tempfile
    import zipfile

    new = Path(tempfile.mkdtemp(dir=folder))
    try:
        with zipfile.ZipFile(ARCHIVE) as archive:
            archive.extractall(new, [name for name in archive.namelist() if name.startswith(f"{PACKED}/")])
        if hasattr(os, "sync"):
            os.sync()  # a power cut may not leave half a copy under the name of a whole one
        try:
            (new / PACKED).rename(place)
        except OSError:
            if not place.is_dir():  # or else another first run was faster
                raise
    finally:
        shutil.rmtree(new, ignore_errors=True)


def passing() -> Path:
    """A copy that goes when the command ends: it goes on in a child, and this process waits for that."""
    import shutil
    import signal
    import tempfile

    new = Path(tempfile.mkdtemp(prefix="mirrorcfg-"))
    try:
        unpack(new, new / KEY)
    except OSError as error:
        shutil.rmtree(new, ignore_errors=True)
        hint = "hint: set XDG_CACHE_HOME or TMPDIR to a directory of your own with 15 MB to spare"
        sys.exit(f"error[no-space]: mirrorcfg.pyz can't unpack itself: {error}\n{hint}")
    child = os.fork()
    if not child:
        return new / KEY
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: os.kill(child, number))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    shutil.rmtree(new, ignore_errors=True)
    os._exit(code if code >= 0 else 128 - code)


try:
    main()
except KeyboardInterrupt:  # before mirrorcfg takes that itself: while it is unpacked
    sys.stderr.write("error[interrupted]: Interrupted; nothing was changed.\n")
    os._exit(130)
