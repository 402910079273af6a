"""The words of docker.service are those that a real systemd starts it with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mirrorcfg.activation import unit
from tests.e2e.supervisor import Supervisor
from tests.sandbox import Sandbox

DAEMON = """#!/bin/sh
printf '%s\\0' dockerd "$@" >"{0}.new" && mv "{0}.new" "{0}"
"""
VARIABLES = r"""# a comment \
A=not this
; and B=nor this
OPTS="--registry-mirror=https://a.lab --dns 8.8.8.8"
 QUOTED = --label "a=b c" 'd e'
export SHELL=1
PARTS="a \"b\" \$c \d"'e f' g   
PLAIN=x\ y z\
 w   # no comment
EMPTY=
TORN="--label 'a b"
"""  # noqa: W291 — systemd takes white space at the end away
LINES = [
    "ExecStart={0} -H fd:// $OPTS",
    "ExecStart={0} ${{OPTS}} x${{EMPTY}}y $EMPTY $NONE ${{NONE}} $OPTS/x a$OPTS",
    "ExecStart={0} $QUOTED",
    "ExecStart={0} ${{EMPTY:-none}} ${{NONE:-more}} ${{OPTS:-x}}",
    "ExecStart={0} \"$QUOTED\" '$PARTS' $$OPTS $${{OPTS}}",
    "ExecStart={0} ${{PARTS}} | ${{PLAIN}} $TORN",
    'ExecStart={0} --label "a b" \'c d\' e"f g"h i\\x41\\101\\u00e9 \\t\\s\\\\ %% %n',
    "ExecStart={0} \\\n  --debug \\\n# between\n  --mtu=1",
    "ExecStart=-{0} a",
    "ExecStart=@{0} called a",
    "ExecStart=:{0} $OPTS ${{OPTS}} $$",
    "ExecStart={0} a ; /bin/true b",
    "ExecStart={0} a \\; b",
    "ExecStart=/bin/false\nExecStart=\nExecStart = {0} a",
    "[Install]\nExecStart=/bin/false\n[Service]\nExecStart={0} a",
    "Environment=\"X=1 2\" Y=3 'Z=a b'\nEnvironment=Y=4\nExecStart={0} $X ${{X}} $Y ${{Z}}",
    "Environment=OPTS=weak W=a\nEnvironment=\nEnvironment=V=b\nExecStart={0} $OPTS $W $V",
    "EnvironmentFile=\nEnvironmentFile=-/no/such/file\nExecStart={0} $OPTS a",
    "EnvironmentFile={1}/*.more\nExecStart={0} $OPTS",
    'ExecStart=/bin/sh -c "exec {0} -H fd:// $OPTS"',
    "ExecStart=/bin/sh -c 'exec {0} \"$OPTS\" $PARTS ${{EMPTY:-none}} ${{NONE:-more}}'",
    "ExecStart=/bin/sh -ec 'cd / && X=1 exec {0} a \"b c\" >/dev/null 2>&1; true'",
    "ExecStart=/bin/sh -c 'if true; then exec {0} \"$@\"; fi' sh 'a b' c",
    "ExecStart=/bin/sh -c 'exec {0} \\'$OPTS\\' \\\\$OPTS a\\\\ b'",
    "ExecStart=/usr/bin/env NAME=x {0} a",
    "ExecStart=/bin/sh -c 'X=1; exec {0} $${{EMPTY:-none}} $${{OPTS}} \"$${{QUOTED}}\"'",
    "ExecStart=/usr/bin/nice -n 5 {0} $OPTS",
]


class Machine:
    """A systemd, and docker.service as it has it."""

    def __init__(self, box: Sandbox) -> None:
        self.systemd = Supervisor(box.environ)
        self.units = box.home / ".config/systemd/user"
        self.said = box.folder / "said"
        self.program = box.folder / "dockerd"
        self.program.write_text(DAEMON.format(self.said))
        self.program.chmod(0o755)
        self.units.mkdir(parents=True)
        (box.folder / "variables").write_text(VARIABLES)
        (box.folder / "a.more").write_text("OPTS=more\n")

    def started(self) -> tuple[str, ...] | None:
        """The words with which it starts; None where it doesn't."""
        self.said.unlink(missing_ok=True)
        self.systemd.run("systemctl", "--user", "daemon-reload")
        self.systemd.run("systemctl", "--user", "start", "docker.service")
        return tuple(self.said.read_text().split("\0")[:-1]) if self.said.exists() else None


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    found = Machine(Sandbox(tmp_path_factory.mktemp("systemd")))
    try:
        yield found
    finally:
        found.systemd.stop()


@pytest.fixture
def words(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(unit, "_PLACES", (str(machine.units),))
    monkeypatch.setattr(unit, "_BOOTED", "/")
    return None


@pytest.mark.parametrize("line", LINES)
def test_they_are_systemds(machine: Machine, words: object, line: str) -> None:
    folder = machine.program.parent
    text = line.format(machine.program, folder)
    head = f"[Service]\nType=oneshot\nEnvironmentFile={folder}/variables\n"
    (machine.units / "docker.service").write_text(f"{head}{text}\n")
    found = unit.start().words
    assert ("dockerd", *found[1:]) == machine.started()
    assert Path(found[0]).name in ("dockerd", "called")


def test_drop_ins(machine: Machine, words: object) -> None:
    (machine.units / "docker.service").write_text(f"[Service]\nType=oneshot\nExecStart={machine.program} a\n")
    for name, text in {
        "docker.service.d/20.conf": "ExecStart=\nExecStart={0} b $X",
        "docker.service.d/10.conf": "ExecStart=\nExecStart={0} c",
        "service.d/30.conf": "Environment=X=1",
    }.items():
        (machine.units / name).parent.mkdir(exist_ok=True)
        (machine.units / name).write_text(f"[Service]\n{text.format(machine.program)}\n")
    assert unit.start().words[1:] == ("b", "1")
    assert machine.started() == ("dockerd", "b", "1")
