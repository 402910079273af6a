"""The script that needs no mirrorcfg: run by the real shells, over nothing, over its own, over somebody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import parts
from tests.sandbox import Sandbox
from tests.scripts.workshop import FOREIGN, PROFILE, Target, isolated, tree

ASKED = ("acme", "--format=sh", "--style=standalone", "--tool=pip", "--tool=conda", "--tool=uv")
SYSTEM = ("acme", "--format=sh", "--style=standalone", "--scope=system")


def states(root: Path) -> dict[str, object]:
    """What is below a root but the script's own state, for what an undo has to bring back."""
    return {name: entry for name, entry in tree(root).items() if not name.startswith("var")}


def own(target: Target) -> Path:
    """A script for the whole system: it takes --root, so that nothing of this machine is touched."""
    return target.script(*SYSTEM, "--tool=pip", "--tool=conda", "--tool=docker")


def test_it_writes_what_use_would_write(target: Target) -> None:
    script = own(target)
    root = target.box.root
    done = target.run(script, "--root", str(root))
    assert done.out.count("created ") == 3
    written = states(root)
    (target.box.folder / "again").mkdir()
    again = Sandbox(target.box.folder / "again")
    again.profile("acme", PROFILE)
    again.run("use", "acme", "--root", str(again.root), "--tool=pip", "--tool=conda", "--tool=docker", code=0)
    assert written == states(again.root)


def test_a_second_run_changes_nothing(target: Target) -> None:
    script, root = own(target), target.box.root
    target.run(script, "--root", str(root))
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    done = target.run(script, "--root", str(root))
    assert done.out.count("unchanged ") == 3
    assert "created" not in done.out + done.err
    assert before == {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def test_undo_leaves_nothing(target: Target) -> None:
    script, root = own(target), target.box.root
    before = states(root)
    target.run(script, "--root", str(root))
    assert target.run(script, "--root", str(root), "--undo").out.count("removed ") == 3
    assert states(root) == before
    assert not (root / "var/lib/mirrorcfg-script").exists()
    assert "Nothing to undo" in target.run(script, "--root", str(root), "--undo").err


def test_somebody_elses_file_is_refused_and_no_other_is_written(target: Target) -> None:
    script, root = own(target), target.box.root
    target.box.write(root / "etc/pip.conf", FOREIGN)
    before = states(root)
    done = target.run(script, "--root", str(root), code=4)
    assert f"{root}/etc/pip.conf is there already" in done.err
    assert states(root) == before


def test_replace_puts_a_file_aside_and_undo_brings_it_back(target: Target) -> None:
    script, root = own(target), target.box.root
    file = root / "etc/pip.conf"
    target.box.write(file, FOREIGN)
    file.chmod(0o640)
    before = states(root)
    target.run(script, "--root", str(root), "--replace")
    assert b"mirror.example" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o640
    target.run(script, "--root", str(root))
    assert f"restored  {file}" in target.run(script, "--root", str(root), "--undo").out
    assert states(root) == before


def test_an_edit_made_since_is_not_lost(target: Target) -> None:
    script, root = own(target), target.box.root
    target.run(script, "--root", str(root))
    (root / "etc/docker/daemon.json").write_text('{"debug": true}')
    before = tree(root)
    for argv in ([], ["--undo"], ["--replace"]):
        done = target.run(script, "--root", str(root), *argv, code=4)
        assert "was edited since" in done.err
        assert tree(root) == before


def test_a_later_script_updates_what_an_earlier_one_wrote(target: Target) -> None:
    root = target.box.root
    before = states(root)
    target.run(own(target), "--root", str(root))
    target.box.profile("acme", '[pip]\nindex-url = "https://second.example/simple"\n')
    later = target.script(*SYSTEM, "--tool=pip")
    assert "changed " in target.run(later, "--root", str(root)).out
    assert b"second.example" in (root / "etc/pip.conf").read_bytes()
    target.run(later, "--root", str(root), "--undo")  # also what only the earlier one wrote
    assert states(root) == before


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe"])
def test_what_is_no_regular_file_is_refused(one: Target, kind: str) -> None:
    script, root = own(one), one.box.root
    file = root / "etc/pip.conf"
    one.box.write(root / "elsewhere", FOREIGN)
    file.parent.mkdir()
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(root / ("elsewhere" if kind == "link" else "nowhere"))
    for argv in ([], ["--replace"]):
        assert "not a regular file" in one.run(script, "--root", str(root), *argv, code=4).err
    assert (root / "elsewhere").read_text() == FOREIGN


def test_what_goes_wrong_on_the_way_leaves_nothing_beside_the_files(target: Target) -> None:
    script, root = own(target), target.box.root
    target.box.write(root / "etc/docker", "a file where a folder should be")
    before = states(root)
    done = target.run(script, "--root", str(root), code=1)
    assert f"{root}/etc/docker" in done.err
    assert not list(root.rglob("*.mirrorcfg"))
    target.run(script, "--root", str(root), "--undo")
    assert states(root) == before


def test_a_tool_that_is_not_here_is_left_alone(one: Target) -> None:
    script, root = one.script(*SYSTEM), one.box.root
    one.run(script, "--root", str(root))
    assert states(root) == {}
    one.box.write(root / "usr/bin/pip3", "")
    one.run(script, "--root", str(root))
    assert (root / "etc/pip.conf").exists()
    assert not (root / "etc/docker").exists()
    one.box.write(root / "etc/conda/.condarc", "channels: [own]\n")  # its file is here, so it is
    assert "etc/conda/.condarc is there already" in one.run(script, "--root", str(root), code=4).err


def test_a_users_files_are_where_the_user_keeps_them(target: Target) -> None:
    parts.mounts()
    script = target.script(*ASKED)
    home = target.box.home
    before = tree(home)
    isolated(target, script)
    assert (home / ".condarc").exists()
    assert target.box.pip_conf.exists()
    isolated(target, script, "--undo")
    assert tree(home) == before
    other = home / "settings"
    isolated(target, script, environ={"XDG_CONFIG_HOME": str(other)})
    assert (other / "pip/pip.conf").exists()
    assert not target.box.pip_conf.exists()
    assert "--scope system" in target.run(script, "--root", str(target.box.root), code=2).err


def test_another_user_than_root_is_told_what_takes_root() -> None:
    parts.root()
    with TemporaryDirectory(prefix="mirrorcfg-") as name:
        folder = Path(name)
        target = Target(Sandbox(folder))
        target.box.profile("acme", PROFILE)
        folder.chmod(0o755)
        script = target.script("acme", "--format=sh", "--style=standalone", "--tool=docker", "--tool=conda")
        script = script.rename(folder / "docker.sh")
        other = target.script("acme", "--format=sh", "--style=standalone", "--tool=conda", "--tool=pip")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
        done = as_nobody(target, script)
        assert done.returncode == 5, done.stderr
        assert "/etc/docker/daemon.json can't be written by this user; nothing was changed" in done.stderr
        assert not target.box.condarc.exists()
        script = other
        assert as_nobody(target, script).returncode == 0
        assert target.box.condarc.stat().st_uid == 65534
        assert as_nobody(target, script, "--undo").returncode == 0
        assert not target.box.condarc.exists()


def as_nobody(target: Target, script: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return subprocess.run(
        [*user, "dash", str(script), *argv], env=target.environ, capture_output=True, text=True
    )


KILLER = """#!/bin/sh
echo x >>"$COUNT"
if [ "$(wc -l <"$COUNT")" -eq "$AT" ]; then
    kill -KILL "$PPID"
fi
exec {program} "$@"
"""


def test_a_kill_at_any_step_leaves_whole_files_and_a_way_back_and_forth(one: Target) -> None:
    """Each program that the script calls is a step; the shell is killed as it calls it.

    What one kill leaves that another left as well is gone on from once.
    """
    first, root = one.script(*SYSTEM, "--tool=pip", "--tool=docker"), one.box.root
    folder = one.box.folder / "killers"
    folder.mkdir()
    for name in ("mv", "ln", "cp", "rm", "mkdir", "rmdir", "sort"):
        path = folder / name
        path.write_text(KILLER.format(program=parts.program(name)))
        path.chmod(0o755)
    one.box.write(root / "etc/pip.conf", FOREIGN)
    before = states(root)
    begin = {"--replace": keep(root, "plain")}
    one.run(first, "--root", str(root), "--replace")
    after = states(root)
    begin["--undo"] = keep(root, "replaced")
    one.run(first, "--root", str(root), "--undo")
    assert states(root) == before
    for verb, start in begin.items():
        at, killed, known = 0, True, []
        while killed:
            at += 1
            back_to(root, start)
            killed = step(one, folder, first, at, "--root", str(root), verb)
            for name, entry in states(root).items():
                whole = [side[name] for side in (before, after) if name in side]
                assert entry in whole or name.endswith(".mirrorcfg"), (verb, at, name, entry)
            if (stands := tree(root)) in known:
                continue
            known.append(stands)
            left = keep(root, "left")
            one.run(first, "--root", str(root), "--undo")
            assert states(root) == before, (verb, at)
            back_to(root, left)
            one.run(first, "--root", str(root), "--replace")
            assert states(root) == after, (verb, at)
            one.run(first, "--root", str(root), "--undo")
            assert states(root) == before, (verb, at)
        assert at > 10


def keep(root: Path, name: str) -> Path:
    """A copy of it, to go back to."""
    copy = root.with_name(name)
    shutil.rmtree(copy, ignore_errors=True)
    return Path(shutil.copytree(root, copy, symlinks=True))


def back_to(root: Path, copy: Path) -> None:
    shutil.rmtree(root)
    shutil.copytree(copy, root, symlinks=True)


def step(one: Target, folder: Path, script: Path, at: int, *argv: str) -> bool:
    """Run it and kill it at that step; was there one?"""
    count = one.box.folder / "count"
    count.unlink(missing_ok=True)
    environ = one.environ | {"COUNT": str(count), "AT": str(at), "PATH": f"{folder}:{one.environ['PATH']}"}
    done = subprocess.run(["dash", str(script), *argv], env=environ, capture_output=True)
    assert done.returncode in (0, -9, 137), done  # 137: it was a shell of its own for a pipe
    return done.returncode != 0
