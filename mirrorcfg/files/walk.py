"""Opens the directory that a path names, component by component, and never through a symbolic link.

Between a look at a path and its use somebody may have put a link into it. Whoever holds the directory itself
can't be led elsewhere any more. Source of the rules: open(2) for O_NOFOLLOW and O_PATH, path_resolution(7).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mirrorcfg.files.disk import LinkError

# O_PATH wants no more than path resolution does: the right to pass. Where it is not, directories are read.
_DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def parent(path: Path) -> Iterator[int]:
    """A handle of the directory that `path`, which is absolute, lies in.

    Raises LinkError, and OSError; one that is raised inside the block gets the whole path.
    """
    handle = os.open("/", _DIRECTORY)
    try:
        for count, part in enumerate(path.parts[1:-1], 2):
            try:
                below = os.open(part, _DIRECTORY, dir_fd=handle)
            except NotADirectoryError:
                place = Path(*path.parts[:count])
                if stat.S_ISLNK(os.stat(part, dir_fd=handle, follow_symlinks=False).st_mode):
                    raise LinkError(str(place)) from None
                raise
            os.close(handle)
            handle = below
        yield handle
    except OSError as error:
        if not isinstance(error, LinkError):
            error.filename = str(path)  # and not just its name in the directory
        raise
    finally:
        os.close(handle)
