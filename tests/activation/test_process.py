"""Which dockerd reads a file: told by the process table alone, with real processes that bear its name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from mirrorcfg.activation import process
from tests import parts
from tests.e2e.supervisor import _groups, eventually

NOBODY = 65534
ASK = "import sys; from mirrorcfg.activation import process; from pathlib import Path; "
ASK += "print([daemon.pid for daemon in process.reading(Path(sys.argv[1]))])"


class Table:
    """Processes called dockerd, with any flags and variables; they do nothing."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.program = Path(shutil.copy(parts.program("sh"), folder / "dockerd"))

    def start(
        self, *flags: str, environ: Mapping[str, str] | None = None, prefix: tuple[str, ...] = ()
    ) -> int:
        line = [*prefix, str(self.program), "-c", "echo; read nothing", *flags]
        pipe = subprocess.PIPE
        started = subprocess.Popen(line, stdin=pipe, stdout=pipe, env=dict(environ or {}), cwd=self.folder)
        self._stack.enter_context(started)
        assert started.stdout is not None
        started.stdout.readline()
        return started.pid

    def write(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        return path


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    if not Path("/proc/self/cmdline").exists():
        parts.absent("this machine has no /proc")
    with ExitStack() as stack:
        yield Table(tmp_path, stack)


def pids(path: Path) -> list[int]:
    return [daemon.pid for daemon in process.reading(path)]


@pytest.mark.parametrize("spelling", ["--config-file={}", "--config-file {}"])
def test_by_its_flag(table: Table, spelling: str) -> None:
    file = table.write("one/daemon.json")
    pid = table.start(*spelling.format(file).split())
    table.start("--config-file", str(table.write("two/daemon.json")))
    assert pids(file) == [pid]


def test_a_relative_file_is_below_its_own_directory(table: Table) -> None:
    pid = table.start("--config-file=one/daemon.json")
    assert pids(table.write("one/daemon.json")) == [pid]


def test_a_file_that_is_not_there_yet(table: Table) -> None:
    (table.folder / "one").mkdir()
    pid = table.start("--config-file", str(table.folder / "one/daemon.json"))
    assert pids(table.folder / "one/daemon.json") == [pid]


def test_through_a_link(table: Table) -> None:
    file = table.write("real/daemon.json")
    (table.folder / "link").symlink_to(table.folder / "real")
    pid = table.start("--config-file", str(table.folder / "link/daemon.json"))
    assert pids(file) == [pid]


@pytest.mark.parametrize(
    ("flags", "environ", "name"),
    [
        (("--rootless",), {"XDG_CONFIG_HOME": "{}/config"}, "config/docker/daemon.json"),
        (("--rootless",), {"HOME": "{}"}, ".config/docker/daemon.json"),
        ((), {"ROOTLESSKIT_STATE_DIR": "/x", "HOME": "{}"}, ".config/docker/daemon.json"),
    ],
)
def test_rootless(table: Table, flags: tuple[str, ...], environ: dict[str, str], name: str) -> None:
    file = table.write(name)
    environ = {key: value.format(table.folder) for key, value in environ.items()}
    pid = table.start(*flags, environ={**environ, "XDG_RUNTIME_DIR": "/run/user/7"})
    assert pids(file) == [pid]
    assert process.reading(file)[0].sockets == ("/run/user/7/docker.sock",)


def test_a_daemon_that_sees_another_disk_reads_another_file(table: Table) -> None:
    """In a mount namespace of its own the same name is another file."""
    parts.mounts()
    file = table.write("one/daemon.json")
    script = f'mount -t tmpfs tmpfs {file.parent} && echo "{{}}" > {file} && exec "$@"'
    pid = table.start("--config-file", str(file), prefix=("unshare", "-m", "sh", "-c", script, "sh"),
                      environ=os.environ)  # fmt: skip
    assert pids(file) == []
    assert pids(Path(f"/proc/{pid}/root{file}")) == []
    line = ["nsenter", "-t", str(pid), "-m", sys.executable, "-c", ASK, str(file)]
    assert json.loads(subprocess.run(line, capture_output=True, check=True).stdout) == [pid]


def test_a_sandbox_shows_the_machines_disk_and_so_its_daemon(table: Table) -> None:
    """mirrorcfg in mounts of its own, as systemd's ProtectSystem makes them, and the daemon in the machine's."""
    parts.mounts()
    if not os.access("/proc/1/ns/mnt", os.F_OK) or not Path("/proc/1/ns/mnt").samefile("/proc/self/ns/mnt"):
        pytest.skip("these are not the machine's own mounts, or its first process may not be looked at")
    file = table.write("one/daemon.json")
    pid = table.start("--config-file", str(file))
    line = ["unshare", "-m", sys.executable, "-c", ASK, str(file)]
    assert json.loads(subprocess.run(line, capture_output=True, check=True).stdout) == [pid]


# A control group of the name, as it is seen from a namespace of control groups in which it is systemd's.
SERVICE = """\
unshare -m sh -ec 'for g in $GROUPS_OF_OWN; do echo $$ >"$g/system.slice/$SERVICE/cgroup.procs"; done; exec "$@"' sh \
    "$DAEMON" -c 'echo >"$0"; while :; do sleep 0.1; done' "$READY" --config-file="$FILE" >/dev/null 2>&1 &
trap "kill $!" EXIT
while ! test -e "$READY"; do kill -0 $!; sleep 0.01; done
"$@"
"""
ENTER = """\
for g in $GROUPS_OF_OWN; do mkdir -p "$g/system.slice/$SERVICE"; echo $$ >"$g/cgroup.procs"; done
exec unshare -C sh -ec "$SCRIPT" sh "$@"
"""


@pytest.mark.parametrize(("service", "found"), [("docker.service", 1), ("user.slice", 0)])
def test_what_systemd_runs_as_dockers_service_is_its_daemon(table: Table, service: str, found: int) -> None:
    """In mounts of its own too, as a unit that was made safer has them, or a snap."""
    parts.mounts()
    groups = _groups()
    file = table.write("one/daemon.json")
    told = {"GROUPS_OF_OWN": " ".join(map(str, groups)), "SERVICE": service, "SCRIPT": SERVICE}
    told |= {"DAEMON": str(table.program), "READY": str(table.folder / "ready"), "FILE": str(file)}
    line = ["sh", "-ec", ENTER, "sh", sys.executable, "-c", ASK, str(file)]
    try:
        done = subprocess.run(line, env=os.environ | told, capture_output=True, text=True, timeout=60)
    finally:
        for group in groups:
            for folder, _, _ in os.walk(group, topdown=False):
                eventually(lambda folder=folder: not Path(folder, "cgroup.procs").read_text(), 10)  # type: ignore[misc]
                Path(folder).rmdir()
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == found


def test_one_in_a_container_is_not_taken_for_the_machine_s_where_it_cant_be_looked_into(table: Table) -> None:
    parts.mounts()
    file = table.write("one/daemon.json")
    own = table.start("--config-file", str(file))
    table.start("--config-file", str(file), prefix=("unshare", "--pid", "--fork", "--kill-child"),
                environ=os.environ)  # fmt: skip
    assert len(pids(file)) == 2
    os.seteuid(NOBODY)
    try:
        assert pids(file) == [own]
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("flags", "sockets"),
    [
        ((), ("/var/run/docker.sock",)),
        (("-H", "unix:///a"), ("/a",)),
        (("-Hunix:///a", "--host=unix:///b", "-H=tcp://h:1"), ("/a", "/b")),
        (("-H", "fd://"), ("/var/run/docker.sock",)),
        (("-H", "unix://"), ("/var/run/docker.sock",)),
    ],
)
def test_where_it_listens(table: Table, flags: tuple[str, ...], sockets: tuple[str, ...]) -> None:
    file = table.write("daemon.json")
    table.start("--config-file", str(file), *flags)
    assert process.reading(file)[0].sockets == sockets


def test_another_program_with_its_flags_is_none(table: Table) -> None:
    file = table.write("daemon.json")
    for other in ("podman", "link/dockerd"):  # by its own name, and by that of a link to it
        table.program = table.folder / other
        table.program.parent.mkdir(exist_ok=True)
        table.program.symlink_to("/bin/sh")
        table.start("--config-file", str(file))
    assert pids(file) == []
