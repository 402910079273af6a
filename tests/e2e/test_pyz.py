"""The single file: the same each time it is built, and all that a Python needs, under every Python that is here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.e2e.test_wheel import VERSIONS, interpreters
from tests.sandbox import Sandbox
from tests.verifier import sources
from tests.verifier.lab import Authority, Server


class Single:
    """mirrorcfg.pyz under one Python that has nothing else; as root or not, its copy is kept in the sandbox."""

    def __init__(self, python: str, pyz: Path, box: Sandbox) -> None:
        self.argv = [python, "-I", "-S", str(pyz)]
        self.box, self.cache = box, box.folder / "cache"
        self.cache.mkdir()

    def run(self, *argv: str, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        environ = self.box.environ | {"XDG_CACHE_HOME": str(self.cache)} | environ
        argv = (*self.argv, *argv)
        done = subprocess.run(argv, env=environ, cwd=self.box.folder, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def copies(self) -> list[str]:
        return sorted(path.name for path in (self.cache / "mirrorcfg").iterdir())


@pytest.fixture
def single(pyz: Path, box: Sandbox) -> Single:
    return Single(sys.executable, pyz, box)


def test_two_builds_are_the_same_bytes(pyz: Path, tmp_path: Path) -> None:
    argv = [sys.executable, CHECKOUT / "pyz/build.py", tmp_path / "again.pyz"]
    subprocess.run(
        argv,
        env=os.environ | {"TZ": "Asia/Tokyo"},
        umask=0o077,
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "again.pyz").read_bytes() == pyz.read_bytes()


@pytest.mark.parametrize("version", VERSIONS)
def test_it_needs_a_python_and_nothing_else(
    version: str, pyz: Path, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    single, authority = Single(python, pyz, box), Authority(tmp_path)
    own = box.write(box.pip_conf, "# mine\n[global]\ntimeout = 5\n")
    with Server(authority.context(), {**sources.index(), **sources.channel()}) as server:
        box.profile(
            "lab",
            f'[tls]\nca-file = "{authority.file}"\n[pip]\nindex-url = "{server.url}/simple"\n'
            f'[conda]\ndefault-channels = ["{server.url}/main"]\n',
        )
        assert "tsinghua" in single.run("ls").stdout
        single.run("use", "tsinghua", "--tool", "pip", "--tool", "conda", "--no-verify")
        assert "tuna.tsinghua" in single.run("status").stdout
        single.run("use", "lab", "--tool", "pip", "--tool", "conda")
        assert single.run("verify", "lab").stdout.count("ok") >= 2
        packed = any(path.endswith("repodata.json.zst") for path in server.paths())
        assert packed == (version == "3.14")  # zstd is compiled, but for what a Python brings itself
    single.run("undo")
    assert "tuna.tsinghua" in box.pip_conf.read_text()
    single.run("restore", "0")
    assert box.pip_conf.read_bytes() == own
    assert not box.condarc.exists()


def test_an_older_python_is_told_so(pyz: Path, box: Sandbox) -> None:
    older = [str(path) for path in Path(sys.base_prefix).parent.glob("3.[789]*/bin/python")]
    older += [str(path) for path in Path(sys.base_prefix).parent.glob("3.10*/bin/python")]
    if not older:
        pytest.skip("no Python before 3.11 is installed")
    for python in older:
        done = subprocess.run([python, pyz, "ls"], env=box.environ, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("mirrorcfg needs Python 3.11 or newer"), done.stderr


def test_first_runs_at_the_same_moment_leave_one_copy(single: Single) -> None:
    environ = single.box.environ | {"XDG_CACHE_HOME": str(single.cache)}
    crowd = [subprocess.Popen([*single.argv, "--version"], env=environ, stdout=-1) for _ in range(4)]
    assert {each.communicate()[0] for each in crowd} == {single.run("--version").stdout.encode()}
    assert len(single.copies()) == 1


def test_without_a_place_to_keep_a_copy_one_goes_with_the_run(single: Single, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    nowhere = {"XDG_CACHE_HOME": "/dev/null/cache", "TMPDIR": str(temporary)}
    assert "tsinghua" in single.run("ls", **nowhere).stdout
    assert "unknown-profile" in single.run("use", "nothing", code=1, **nowhere).stderr
    assert list(temporary.iterdir()) == []
    single.argv = ["sh", "-c", 'ulimit -f 100 && exec "$@"', "sh", *single.argv]  # a disk that takes 50 KB
    assert "error[no-space]" in single.run("ls", code=1, **nowhere).stderr
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("theirs", ["writable", "link"])
def test_code_that_others_could_write_is_not_run(single: Single, tmp_path: Path, theirs: str) -> None:
    single.run("--version")
    folder = single.cache / "mirrorcfg"
    program = next(folder.glob("*/mirrorcfg/__main__.py"))
    program.write_text("def main() -> None:\n    print('theirs')\n")
    assert single.run("ls").stdout == "theirs\n"  # it is what runs
    if theirs == "writable":
        folder.chmod(0o777)
    else:
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
    assert "tsinghua" in single.run("ls").stdout
