"""A launchd job, for macOS.

Source of the rules: the manual page launchd.plist(5).
"""

from __future__ import annotations

import plistlib

from mirrorcfg.service import MARK, Job, checked

LABEL = "mirrorcfg.watch"
FILE = f"{LABEL}.plist"


def plist(job: Job, log: str) -> str:
    """The property list's text; what the job says goes to the file `log`."""
    checked(job, log)
    content = {
        "Label": LABEL,
        "ProgramArguments": list(job.loop),
        "EnvironmentVariables": dict(job.environ),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ProcessType": "Background",
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    head, end, body = plistlib.dumps(content, sort_keys=False).decode().partition("<plist ")
    return f"{head}<!-- {MARK} -->\n{end}{body}"
