"""Commands that fail, by their source's fault or their own, with mirrors that fail while a command runs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests import parts
from tests.conformance import content, servers
from tests.conformance.certificates import Authority
from tests.sandbox import PROGRAM, Sandbox, environment

MIRRORS = ("a", "b", "c")
CODES = ("403", "404", "429", "503", "444")  # 444 is nginx's for: hang up
_WHOLE = "".join(f'if (-f "@state@/$case/$m-{code}") {{ return {code}; }}\n' for code in CODES)
_FILES = "".join(f'if (-f "@state@/$case/$m-files-{code}") {{ return {code}; }}\n' for code in CODES)
_BEGIN = r"location ~ ^/(?<case>[a-z0-9-]+)/(?<m>[abc])"
_SITE = f"""
{_BEGIN}/files/acme {{
    if (-f "@state@/$case/$m-acme-403") {{ return 403; }}
    {_WHOLE}{_FILES} rewrite ^/[^/]+/[^/]+(/files/.*)$ $1 break;
}}
{_BEGIN}/files/ {{ {_WHOLE}{_FILES} rewrite ^/[^/]+/[^/]+(/files/.*)$ $1 break; }}
{_BEGIN}/simple/ {{
    types {{}} default_type text/html;
    if (-f "@state@/$case/$m-garbage") {{ return 200 '<html><body>welcome</body></html>'; }}
    {_WHOLE} rewrite ^/[^/]+/[^/]+(/simple/.*/)$ $1index.html break;
}}
"""
PIP = f"{sys.executable} -m pip download --no-deps -q -d got"
UV = "uv pip install --no-deps -q --target got"


@dataclass(frozen=True)
class Case:
    """One command: what is done to the mirrors while it runs, and what is to come of it.

    `breaks` are made true before the command's own work, a list for each time that it is started. `runs` are
    the mirrors that it is started with, `code` is its exit code in the end; `says` is in what we say of it.
    """

    name: str
    work: str
    runs: str
    code: int
    breaks: Sequence[str] = ()
    before: Sequence[str] = ()
    says: str = ""
    program: str = "pip"  # what the command is called: by pip and uv one knows which source it asks
    stdin: bytes | None = None
    files: dict[str, str] = field(default_factory=dict)


def broken(tool: str, work: str) -> list[Case]:
    """A mirror's own faults, each at the first run: the command has to be run again with the next."""
    ways = [*CODES, "garbage", "files-403", "files-404", "files-503"]
    return [
        Case(f"{tool}-{way}", work, "ab", 0, [f"a-{way}"], says="stopped serving", program=tool)
        for way in ways
    ]


CASES = [
    *broken("pip", f"{PIP} acme-tool"),
    *broken("uv", f"{UV} acme-tool")[:1],
    *broken("uv", f"{UV} acme-tool")[4:7],
    Case(
        "script-503",
        f"set -e; echo one; {PIP} acme-tool; echo two",
        "ab",
        0,
        ["a-503"],
        says="a stopped serving pip and uv (http-5xx); the command is run again with b.",
        program="job",
    ),
    Case("script-uv", f"{UV} acme-tool && exit 0; exit 9", "ab", 0, ["a-444"], program="job"),
    Case("two-at-once", f"{PIP} acme-tool", "ac", 0, ["a-503 b-403"], says="run again with c"),
    Case("one-by-one", f"{PIP} acme-tool", "abc", 0, ["a-503", "b-503"], says="run again with c"),
    Case("all-by-and-by", f"{PIP} acme-tool", "abc", 1, ["a-503", "b-503", "c-503"], says="no other source"),
    Case("all-at-once", f"{PIP} acme-tool", "a", 1, ["a-503 b-503 c-503"], says="no other source"),
    Case(
        "own-code-kept", f"{PIP} acme-tool || exit 42", "abc", 42, ["a-403", "b-403", "c-403"], program="job"
    ),
    Case("down-before", f"{PIP} acme-tool", "b", 0, before=["a-503"], says="a doesn't serve pip (http-5xx)"),
    Case("two-down-before", f"{PIP} acme-tool", "c", 0, before=["a-503", "b-444"]),
    Case(
        "all-down-before", f"{PIP} acme-tool", "", 3, before=["a-503", "b-503", "c-503"], says="not started"
    ),
    Case(
        "back-again",
        f"{PIP} acme-tool || rm $STATE/a-503; {PIP} acme-tool nosuch",
        "ba",
        1,
        ["b-503"],
        ["a-503"],
        "run again with a",
    ),
    Case(
        "never-twice",
        f"{PIP} acme-tool; [ $n = 3 ] && rm $STATE/b-503; exit 1",
        "abc",
        1,
        ["a-503", "b-503", "c-503"],
        says="no other source",
    ),
    Case("succeeds-anyway", "true", "a", 0, ["a-503"]),
    Case("no-such-package", f"{PIP} nosuch", "a", 1),
    Case("no-such-version", f"{PIP} acme-tool==9", "a", 1),
    Case("bad-option", f"{PIP} --nonsense acme-tool", "a", 2),
    Case("conflict", f"{PIP} acme-tool==1.0 acme-tool==2.0", "a", 1),
    Case(
        "wrong-hash",
        f"{PIP} -r wrong.txt",
        "a",
        1,
        files={"wrong.txt": f"acme-tool==1.0 --hash=sha256:{'0' * 64}\n"},
    ),
    Case(
        "does-not-build",
        f"{PIP} --no-build-isolation ./bad",
        "a",
        1,
        files={"bad/setup.py": "raise SystemExit('error: command gcc failed')\n"},
    ),
    Case("uv-no-such-package", f"{UV} nosuch", "a", 1, program="uv"),
    Case("uv-no-such-version", f"{UV} 'acme-tool>9'", "a", 1, program="uv"),
    Case("uv-bad-option", f"{UV} --nonsense acme-tool", "a", 2, program="uv"),
    Case("exit-7", "exit 7", "a", 7, program="job"),
    Case("exit-255", "exit 255", "a", 255, program="job"),
    Case("fails-after-pip", f"{PIP} acme-tool && exit 5", "a", 5, program="job"),
    Case("command-not-found", "no-such-program-here", "a", 127, program="job"),
    Case("one-file-only", f"{PIP} acme-tool", "a", 1, before=["a-acme-403"]),
    Case("killed", "kill -9 $$", "a", -9, ["a-503"], program="job"),
    Case("terminated", "kill -15 $$", "a", -15, ["a-503"], program="job"),
    Case(
        "told-to-stop",
        "trap 'exit 1' TERM; kill -15 $PPID; while :; do sleep 0.05; done",
        "a",
        1,
        ["a-503"],
        program="job",
    ),
    Case(
        "piped",
        "cat; exit 1",
        "a",
        1,
        ["a-503"],
        says="can't be read a second time",
        stdin=b"x",
        program="job",
    ),
    Case("our-own-fault", "mv $CA $CA.old; exit 1", "a", 1, program="job"),
]


class Lab:
    """One nginx; what it does to a case's requests for a mirror hangs on files that the case makes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"
        self.state.mkdir()
        (folder / "files").mkdir()
        content.index(folder, [content.wheel(folder / "files", name) for name in content.PROJECTS])
        self.authority = Authority(folder / "certificates")
        self.processes = servers.Processes(folder / "processes")
        [self.port] = servers.ports(1)
        body = _SITE.replace("@state@", str(self.state))
        site = servers.Site(f"127.0.0.1:{self.port}", body, self.authority.pair("good"), folder)
        servers.nginx(self.processes, "nginx", [site])

    def sandbox(self, name: str) -> Sandbox:
        """A home with a profile for each mirror, and a state of its own."""
        folder = self.folder / "boxes" / name
        folder.mkdir(parents=True)
        (self.state / name).mkdir()
        box = Sandbox(folder)
        box.environ["LC_ALL"] = box.environ.pop("LANG")
        ca = folder / "ca.crt"
        ca.write_bytes(self.authority.ca.read_bytes())
        for mirror in MIRRORS:
            url = f"https://localhost:{self.port}/{name}/{mirror}/simple"
            trusted = ca if mirror == "a" else self.authority.ca  # so that a's alone can be damaged
            box.profile(mirror, f'[tls]\nca-file = "{trusted}"\n[pip]\nindex-url = "{url}"\n')
        keep = {k: v for k, v in environment().items() if k in ("PATH", "TERM")}
        box.environ |= {
            "PATH": f"{Path(sys.executable).parent}:{keep['PATH']}",
            "SSL_CERT_FILE": str(self.authority.ca),
            "PIP_RETRIES": "0",
            "PIP_NO_CACHE_DIR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_HTTP_RETRIES": "0",
            "UV_NO_CACHE": "1",
            "UV_CREDENTIALS_DIR": str(self.folder / "credentials"),  # uv locks it at a 403
            "UV_PYTHON": sys.executable,
            "STATE": str(self.state / name),
            "CA": str(ca),
            "STARTS": str(folder / "starts"),
            "RUSTUP_HOME": str(self.folder / "rustup"),  # pip asks for rustc's version, and rustup writes
        }
        return box

    def outcome(self, case: Case) -> Outcome:
        """Run the case."""
        box = self.sandbox(case.name)
        work = box.folder / "work"
        work.mkdir()
        for name, text in case.files.items():
            box.write(work / name, text)
        for flag in case.before:
            (self.state / case.name / flag).touch()
        program = box.folder / "bin" / case.program
        box.write(program, _script(case))
        program.chmod(0o755)
        was = fingerprint(box.folder, "work", "starts", "ca.crt", "ca.crt.old")
        done = subprocess.run(
            [PROGRAM, "run", "--chain", "a,b,c", "--timeout", "5", "--", str(program)],
            env=box.environ,
            cwd=work,
            capture_output=True,
            text=True,
            **({"stdin": subprocess.DEVNULL} if case.stdin is None else {"input": case.stdin.decode()}),
        )
        starts = Path(box.environ["STARTS"])
        runs = "".join(starts.read_text().split()) if starts.exists() else ""
        same = was == fingerprint(box.folder, "work", "starts", "ca.crt", "ca.crt.old")
        return Outcome(done.returncode, runs, done.stdout, done.stderr, same)


@dataclass(frozen=True)
class Outcome:
    """What came of a case: exit code, the mirrors it was started with, and is every file as it was."""

    code: int
    runs: str
    out: str
    err: str
    same: bool


def _script(case: Case) -> str:
    breaks = "".join(
        f"[ $n = {number} ] && for flag in {flags}; do : > $STATE/$flag; done\n"
        for number, flags in enumerate(case.breaks, 1)
    )
    return (
        "#!/bin/bash\n"
        'index=${PIP_INDEX_URL:-$UV_DEFAULT_INDEX}; index=${index%/simple}; echo "${index##*/}" >> $STARTS\n'
        f"n=$(wc -l < $STARTS)\n{breaks}{case.work}\n"
    )


def fingerprint(folder: Path, *without: str) -> dict[str, str]:
    """Every file below `folder`, its mode, time and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).parts[0] in without or not path.is_file():
            continue
        facts = path.stat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path)] = f"{facts.st_mode:o} {facts.st_mtime_ns} {digest}"
    return found


def available() -> None:
    """Skip by name where a part is missing."""
    for name in ("nginx", "uv", "bash"):
        parts.program(name)
    if os.name != "posix":
        parts.absent("this needs POSIX")
