"""A systemd service.

Source of the rules: systemd's manual pages systemd.syntax (quoting), systemd.service (the command line),
systemd.unit (specifiers) and systemd.exec (the sandbox).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from mirrorcfg.service import MARK, NAME, Job, checked

FILE = f"{NAME}.service"
_WATCHDOG = (
    120  # seconds without a sign of life after which it is started anew; more, if a look may take more
)

# All of these go without a mount namespace, which a user's own service can't have everywhere.
_HARDENING = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""

# root's own files and daemon need no capability but those that give a file back to its owner. What would keep
# /proc or the kernel's log from it doesn't start in every container.
_CAPABILITIES = "CAP_CHOWN CAP_FOWNER"
_FOR_USER = (
    " CAP_DAC_READ_SEARCH CAP_KILL CAP_SETGID CAP_SETUID CAP_SYS_PTRACE"  # to act as another, and look
)
_HARDENING_OF_ROOT = """\
ProtectSystem=strict
CacheDirectory=mirrorcfg
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelModules=yes
"""


def unit(job: Job) -> str:
    """The unit's text."""
    return "\n".join(_lines(checked(job))) + "\n"


def _lines(job: Job) -> Iterator[str]:
    yield f"# {MARK}"
    yield "[Unit]"
    yield "Description=Leave a package mirror that is down, and return to it"
    if job.system:
        yield "Wants=network-online.target"
        yield "After=network-online.target"
    yield ""
    yield "[Service]"
    yield "Type=notify"
    yield f"ExecStart={' '.join(_word(word, command=True) for word in job.loop)}"
    for name, value in job.environ.items():
        yield f"Environment={_word(f'{name}={value}')}"
    # A proxy may hold a password, so it isn't copied; this file is for root, or for the user, to write.
    yield f"EnvironmentFile=-{'/etc' if job.system else '%E'}/mirrorcfg/watch.env"
    yield "Restart=on-failure"
    yield "RestartSec=30"
    patience = max(_WATCHDOG, ceil(4 * job.timeout))
    yield f"TimeoutStartSec={patience}"
    yield f"WatchdogSec={patience}"
    yield from _HARDENING.splitlines()
    if job.system:
        yield f"CapabilityBoundingSet={_CAPABILITIES}{_FOR_USER if job.for_user else ''}"
        yield from _HARDENING_OF_ROOT.splitlines()
        yield f"ReadWritePaths={' '.join(_word(f'-{path}') for path in job.writable)}"
    yield ""
    yield "[Install]"
    yield f"WantedBy={'multi-user.target' if job.system else 'default.target'}"


def _word(text: str, *, command: bool = False) -> str:
    """One word, in quotes, with nothing in it that systemd would replace."""
    for char, spelt in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%")):
        text = text.replace(char, spelt)
    return f'"{text.replace("$", "$$") if command else text}"'
