"""Whatever the file system does, nothing is lost, and the exit code and the hint say what to do."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import parts
from tests.sandbox import PROGRAM, Sandbox

PIP_CONF = b"# ours\n[global]\ntimeout = 60\nindex-url = https://old.example/simple\n"
USE = ("use", "tsinghua", "--tool", "pip", "--no-verify", "--json")


@pytest.fixture
def filled(box: Sandbox) -> Sandbox:
    box.write(box.pip_conf, PIP_CONF)
    return box


def refused(box: Sandbox, code: int, *names: str) -> str:
    """`use` ends with `code` and one of the error codes, with a hint, and no file in the home has changed."""
    before = {path: path.read_bytes() for path in box.home.rglob("*") if path.is_file()}
    answer = box.json(*USE[:-1], code=code)
    assert answer["error"]["code"] in names
    assert answer["error"]["hint"]
    assert {path: path.read_bytes() for path in box.home.rglob("*") if path.is_file()} == before
    return str(answer["error"]["message"])


def namespaced(box: Sandbox, setup: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run mirrorcfg in a mount namespace of its own, after `setup`; print pip.conf after its answer."""
    parts.mounts()
    script = f"set -e\n{setup}\nset +e\n{shlex.join([PROGRAM, *argv])}\necho exit $?\ncat {box.pip_conf}\n"
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", script], env=box.environ, cwd=box.folder, capture_output=True, text=True
    )


def test_a_directory_in_the_files_place(box: Sandbox) -> None:
    box.pip_conf.mkdir(parents=True)
    refused(box, 1, "not-a-file")


def test_a_fifo(box: Sandbox) -> None:
    box.pip_conf.parent.mkdir(parents=True)
    os.mkfifo(box.pip_conf)
    refused(box, 1, "not-a-file")


def test_a_symlink_loop(box: Sandbox) -> None:
    box.pip_conf.parent.mkdir(parents=True)
    box.pip_conf.symlink_to("pip.conf")
    refused(box, 1, "symlink-loop")


def test_a_symlink_stays_and_what_it_leads_to_is_edited(filled: Sandbox) -> None:
    dotfiles = filled.home / "dotfiles/pip.conf"
    filled.write(dotfiles, PIP_CONF)
    filled.pip_conf.unlink()
    filled.pip_conf.symlink_to(dotfiles)
    filled.run(*USE, code=0)
    assert filled.pip_conf.is_symlink()
    assert b"tsinghua" in dotfiles.read_bytes()
    filled.run("undo", code=0)
    assert filled.pip_conf.is_symlink()
    assert dotfiles.read_bytes() == PIP_CONF


def test_hard_links_stay_linked(filled: Sandbox) -> None:
    other = filled.home / "other"
    os.link(filled.pip_conf, other)
    filled.run(*USE, code=0)
    assert other.stat().st_ino == filled.pip_conf.stat().st_ino
    assert b"tsinghua" in other.read_bytes()
    filled.run("undo", code=0)
    assert other.read_bytes() == PIP_CONF


def test_mode_and_owner_stay(filled: Sandbox) -> None:
    parts.root()
    filled.pip_conf.chmod(0o640)
    os.chown(filled.pip_conf, 12345, 23456)
    filled.run(*USE, code=0)
    found = filled.pip_conf.stat()
    assert (found.st_mode & 0o7777, found.st_uid, found.st_gid) == (0o640, 12345, 23456)


def test_an_immutable_file(filled: Sandbox) -> None:
    parts.root()
    if subprocess.run([parts.program("chattr"), "+i", filled.pip_conf], capture_output=True).returncode:
        pytest.skip("this file system knows no immutable files")
    try:
        refused(filled, 5, "operation-not-permitted")
    finally:
        subprocess.run(["chattr", "-i", filled.pip_conf], check=True)


def test_another_users_file(filled: Sandbox) -> None:
    parts.root()
    parts.others(PROGRAM)
    before = filled.pip_conf.read_bytes()
    filled.open()
    state = filled.folder / "state-of-another"
    state.mkdir(mode=0o700)
    os.chown(state, 12345, 12345)
    done = subprocess.run(
        [parts.program("setpriv"), "--reuid=12345", "--regid=12345", "--clear-groups", PROGRAM, *USE],
        env=filled.environ | {"MIRRORCFG_STATE": str(state)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 5, done.stdout + done.stderr
    assert r"sudo \"$(command -v mirrorcfg)\" use tsinghua --tool pip" in done.stdout
    assert filled.pip_conf.read_bytes() == before


def test_a_read_only_file_system(filled: Sandbox) -> None:
    home = shlex.quote(str(filled.home))
    done = namespaced(filled, f"mount --bind {home} {home}; mount -o remount,bind,ro {home}", *USE)
    assert "exit 5" in done.stdout, done.stdout + done.stderr
    assert "findmnt -T" in done.stdout
    assert done.stdout.endswith(PIP_CONF.decode())


def test_a_full_disk(filled: Sandbox) -> None:
    home = filled.home
    setup = (
        f"mount -t tmpfs -o size=64k none {home}; mkdir -p {filled.pip_conf.parent}\n"
        f"printf '{PIP_CONF.decode()}' > {filled.pip_conf}\n"
        f"dd if=/dev/zero of={home}/filler bs=4096 2>/dev/null || true"
    )
    done = namespaced(filled, setup, *USE)
    assert "exit 1\n" in done.stdout, done.stdout + done.stderr
    assert '"disk-full"' in done.stdout
    assert done.stdout.endswith(PIP_CONF.decode())


def test_a_full_history_disk(filled: Sandbox) -> None:
    state = filled.folder / "state"
    setup = (
        f"mkdir -m 700 {state}; mount -t tmpfs -o size=64k,mode=700 none {state}\n"
        f"dd if=/dev/zero of={state}/filler bs=4096 2>/dev/null || true"
    )
    done = namespaced(filled, setup, *USE)
    assert "exit 1\n" in done.stdout, done.stdout + done.stderr
    assert '"disk-full"' in done.stdout
    assert done.stdout.endswith(PIP_CONF.decode())


def test_a_bind_mounted_file_is_written_in_place(filled: Sandbox) -> None:
    """As containers have their pip.conf and daemon.json: a rename onto it gives EBUSY."""
    outside = filled.folder / "outside.conf"
    filled.write(outside, PIP_CONF)
    done = namespaced(filled, f"mount --bind {outside} {filled.pip_conf}", *USE)
    assert "exit 0" in done.stdout, done.stdout + done.stderr
    assert b"tsinghua" in outside.read_bytes()
    assert filled.pip_conf.read_bytes() == PIP_CONF


def test_a_file_saved_by_someone_else_meanwhile(filled: Sandbox) -> None:
    """Between the plan that was shown and the answer to the question; their edit survives."""
    theirs = PIP_CONF + b"# theirs\n"
    terminal, side = pty.openpty()
    argv = [PROGRAM, *USE[:-1]]
    with subprocess.Popen(argv, env=filled.environ, stdin=side, stdout=side, stderr=side) as process:
        seen = read_until(terminal, b"): ")
        filled.pip_conf.write_bytes(theirs)
        os.write(terminal, b"y\n")
        seen += read_until(terminal, b"hint: ")
    assert process.returncode == 4, seen
    assert b"error[changed-meanwhile]" in seen
    assert filled.pip_conf.read_bytes() == theirs


def test_no_is_an_answer(filled: Sandbox) -> None:
    terminal, side = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, *USE[:-1]], env=filled.environ, stdin=side, stdout=side, stderr=side
    ) as process:
        read_until(terminal, b"): ")
        os.write(terminal, b"n\n")
    assert process.returncode == 1
    assert filled.pip_conf.read_bytes() == PIP_CONF


def read_until(terminal: int, mark: bytes) -> bytes:
    """What the terminal shows, up to and including `mark`."""
    seen = b""
    while mark not in seen:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, seen
        seen += os.read(terminal, 4096)
    return seen


def test_fifty_at_once_are_serialised(filled: Sandbox) -> None:
    names = [f"mirror-{number}" for number in range(50)]
    for name in names:
        filled.profile(name, f'[pip]\nindex-url = "https://{name}.example/simple"\n')
    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(lambda name: filled.run("use", name, "--tool", "pip").code, names))
    assert codes == [0] * 50
    generations = filled.json("history")["data"]["generations"]
    assert [entry["number"] for entry in generations] == list(range(50, 0, -1))
    assert {entry["tools"]["pip"] for entry in generations} == set(names)
    assert f"https://{generations[0]['tools']['pip']}.example" in filled.pip_conf.read_text()
    filled.run("restore", "0", code=0)
    assert filled.pip_conf.read_bytes() == PIP_CONF


def test_a_state_directory_that_others_can_write_is_refused(filled: Sandbox) -> None:
    state = filled.folder / "state"
    state.mkdir(mode=0o777)
    state.chmod(0o777)
    refused(filled, 5, "state-not-trusted", "untrusted-state")


def test_under_sudo_the_users_files_stay_theirs(filled: Sandbox) -> None:
    parts.root()
    for path in [filled.home, *filled.home.rglob("*")]:
        os.chown(path, 12345, 12345)
    filled.pip_conf.unlink()
    sudo = {"SUDO_UID": "12345", "SUDO_GID": "12345", "SUDO_USER": "li"}
    filled.open()
    filled.run("use", "tsinghua", "--tool", "pip", environ=sudo, code=0)
    found = filled.pip_conf.stat()
    assert (found.st_uid, found.st_gid) == (12345, 12345)
    assert (filled.folder / "state").stat().st_uid == 0


def test_under_sudo_a_planted_symlink_is_not_followed_with_roots_rights(filled: Sandbox) -> None:
    parts.root()
    victim = filled.folder / "victim.conf"
    filled.write(victim, PIP_CONF)
    victim.chmod(0o644)
    filled.open()
    filled.pip_conf.unlink()
    filled.pip_conf.symlink_to(victim)
    for path in [filled.home, *filled.home.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    sudo = {"SUDO_UID": "12345", "SUDO_GID": "12345", "SUDO_USER": "li"}
    done = filled.run("use", "tsinghua", "--tool", "pip", environ=sudo)
    assert done.code == 5, done.err
    assert victim.read_bytes() == PIP_CONF
