"""A line of a user's crontab, between two marks; every other line stays, byte for byte.

Source of the rules: the manual page crontab(5): a per cent sign ends a command unless a backslash is
before it, and the shell is sh.
"""

from __future__ import annotations

import re
import shlex
from math import ceil

from mirrorcfg.service import MARK, Job, checked

_BEGIN = f"# >>> mirrorcfg watch >>> {MARK}"
_END = "# <<< mirrorcfg watch <<<"
_BLOCK = re.compile(r"^# >>> mirrorcfg watch >>>.*\n(?:.*\n)*?# <<< mirrorcfg watch <<<\n", re.MULTILINE)


def line(job: Job) -> str:
    """A look every so many minutes: cron knows no seconds, and here nothing more than an hour."""
    checked(job)
    minutes = min(60, max(1, ceil(job.interval / 60)))
    when = "0 * * * *" if minutes == 60 else f"*/{minutes} * * * *"
    words = [
        *(f"{name}={shlex.quote(value)}" for name, value in job.environ.items()),
        *map(shlex.quote, job.once),
    ]
    return f"{when} {' '.join(words)} >/dev/null 2>&1".replace("%", "\\%")


def block(job: Job) -> str:
    """The line between its marks."""
    return f"{_BEGIN}\n{line(job)}\n{_END}\n"


def found(crontab: str) -> str:
    """Our block in a crontab, or an empty text."""
    match = _BLOCK.search(crontab)
    return match.group() if match else ""


def installed(crontab: str, job: Job) -> str:
    """The crontab with our block: in the place of an old one, or at the end."""
    if old := found(crontab):
        return crontab.replace(old, block(job))
    return crontab + ("\n" if crontab and not crontab.endswith("\n") else "") + block(job)


def removed(crontab: str) -> str:
    """The crontab without our block."""
    return crontab.replace(found(crontab), "") if found(crontab) else crontab
