"""A signal at any moment of `use`: one answer, whose claim is true of the disk; and in its waits."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.test_faults import read_until
from tests.sandbox import PROGRAM, Sandbox

CUSTOM = Path(__file__).parents[1] / "interrupted"
MOMENTS = int(os.environ.get("MIRRORCFG_MOMENTS", "8"))  # for each way of asking; half of them in the commit
USE = ("use", "nju", "--tool", "pip", "--no-verify")
BEFORE = b"# mine\n[global]\nindex-url = https://old.example/simple\n"


class World:
    """A home of its own for one run, and the run."""

    def __init__(self, folder: Path, moment: int, number: int, again: int, *options: str) -> None:
        folder.mkdir()
        self.box = Sandbox(folder)
        self.box.write(self.box.pip_conf, BEFORE)
        self.number, self.counted = number, folder / "counted"
        environ = {
            "PYTHONPATH": str(CUSTOM),
            "MIRRORCFG_TEST_MOMENT": str(moment),
            "MIRRORCFG_TEST_SIGNAL": str(number),
            "MIRRORCFG_TEST_AGAIN": str(again),
            "MIRRORCFG_TEST_COUNTED": str(self.counted),
        }
        self.done = subprocess.run(
            [PROGRAM, *USE, *options],
            env=self.box.environ | environ,
            cwd=folder,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def complaint(self) -> str | None:
        """What is wrong with how it ended; None for nothing."""
        made = self.box.pip_conf.read_bytes() != BEFORE
        head = (self.box.folder / "state/head").exists()
        left = (self.box.folder / "state/journal").exists()
        spare = [path.name for path in self.box.pip_conf.parent.iterdir() if path != self.box.pip_conf]
        if made != head or left or spare:
            return f"half changed: {made=} {head=} {left=} {spare=}"
        if "Traceback" in self.done.stderr:
            return "a traceback"
        if self.done.returncode == 0:
            return None if made else "claims success"
        if self.done.returncode != 128 + self.number:
            return "another exit code"
        told = self.told()
        if made:
            wanted = "Interrupted; generation 1 was made; take it back with: mirrorcfg undo"
        else:
            wanted = "Interrupted; nothing was changed."
        return None if told == wanted else f"says {told!r}, and it is {wanted!r}"

    def told(self) -> str:
        """The message, of the one document there is."""
        if self.done.stdout:
            answer = json.loads(self.done.stdout)
            assert (answer["command"], answer["exit_code"]) == ("use", self.done.returncode)
            assert self.done.stderr == ""
            return str(answer["error"]["message"])
        (line,) = self.done.stderr.splitlines()
        return line.removeprefix("error[interrupted]: ")


def moments(tmp_path: Path, number: int, again: int, options: tuple[str, ...], count: int) -> list[str]:
    """What is wrong at so many moments, spread over all of the run, as many within its commit, and the last."""
    for name in ("caching", "counted"):  # the first one may find that Python has yet to compile something
        world = World(tmp_path / name, 0, number, 0, *options)
        assert world.done.returncode == 0, world.done.stderr
    total, begun, ended = map(int, world.counted.read_text().split()[:3])
    chosen = {1 + at * (total - 1) // count for at in range(count)}
    chosen |= {begun + at * (ended - begun) // count for at in range(count)}
    chosen |= {total - 3 * 3**at for at in range(4)}  # the answer is there, the end is not
    with ThreadPoolExecutor(2) as pool:
        worlds = pool.map(
            lambda moment: (moment, World(tmp_path / f"{moment:07}", moment, number, again, *options)),
            sorted(chosen),
        )
        found = [(moment, world.complaint(), world.done) for moment, world in worlds]
    stopped = [done for _, _, done in found if done.returncode]
    assert len(stopped) >= len(found) * 9 // 10 - 4  # in the last ones the answer is on its way
    return [f"{moment} of {total}: {what}\n{done}" for moment, what, done in found if what]


WAYS = [
    pytest.param(signal.SIGINT, 0, ("--json",), id="json"),
    pytest.param(signal.SIGINT, 0, (), id="text"),
    pytest.param(signal.SIGINT, 40, ("--json",), id="again while it answers"),
    pytest.param(signal.SIGTERM, 0, ("--json",), id="SIGTERM"),
    pytest.param(signal.SIGHUP, 0, (), id="SIGHUP"),
]


@pytest.mark.parametrize(("number", "again", "options"), WAYS)
def test_a_signal_at_any_moment_has_one_answer_that_is_true(
    tmp_path: Path, number: int, again: int, options: tuple[str, ...]
) -> None:
    assert (
        moments(
            tmp_path,
            number,
            again,
            options,
            max(2, MOMENTS // (2 if number == signal.SIGINT and not again else 4)),
        )
        == []
    )


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("number", "again", "options"), WAYS)
def test_at_two_hundred_moments(tmp_path: Path, number: int, again: int, options: tuple[str, ...]) -> None:
    assert moments(tmp_path, number, again, options, 100) == []


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_while_a_source_is_asked(box: Sandbox, options: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/simple"
        box.profile("silent", f'[pip]\nindex-url = "{url}"\n')
        words = [PROGRAM, "use", "silent", "--tool", "pip", *options]
        with subprocess.Popen(
            words, env=box.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            connection, _ = silent.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted; nothing was changed." in (out if options else err)
    assert "Traceback" not in err
    assert not box.pip_conf.exists()


def test_at_a_question(box: Sandbox) -> None:
    box.write(box.pip_conf, BEFORE)
    terminal, side = pty.openpty()
    with subprocess.Popen([PROGRAM, *USE], env=box.environ, stdin=side, stdout=side, stderr=side) as process:
        read_until(terminal, b"): ")
        process.send_signal(signal.SIGINT)
        while not select.select([terminal], [], [], 1)[0]:
            # It came right before Python began to wait, which can't be told apart there: people press again.
            process.send_signal(signal.SIGINT)
        seen = read_until(terminal, b"nothing was changed.")
    assert process.returncode == 130
    assert seen.startswith(b"\r\n")  # not behind the question
    assert box.pip_conf.read_bytes() == BEFORE


def test_while_a_program_is_waited_for(box: Sandbox) -> None:
    """It is ended too: here an engine that pulls."""
    begun = box.folder / "begun"
    box.write(
        box.folder / "bin/docker",
        f"#!/bin/sh\necho $$ > {begun}.new\nmv {begun}.new {begun}\nexec sleep 99\n",
    )
    (box.folder / "bin/docker").chmod(0o755)
    environ = box.environ | {"PATH": f"{box.folder}/bin:{box.environ['PATH']}"}
    with subprocess.Popen(
        [PROGRAM, "pull", "busybox", "--engine", "docker", "--profile", "china", "--json"],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        while not begun.exists():
            assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert json.loads(out)["error"]["message"] == "Interrupted; nothing was changed."
    assert not Path(f"/proc/{begun.read_text().strip()}").exists()


def test_a_signal_that_is_to_be_ignored_is(box: Sandbox) -> None:
    """As whoever starts it in the background, or under nohup, wants it."""
    environ = box.environ | {"PYTHONPATH": str(CUSTOM), "MIRRORCFG_TEST_MOMENT": "2000"}
    line = f"trap '' INT; exec {PROGRAM} {' '.join(USE)}"
    done = subprocess.run(["sh", "-c", line], env=environ, cwd=box.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
