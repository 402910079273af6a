"""What a format's own machinery runs, run: Ansible itself, and the lines that a runner or a first boot starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import parts
from tests.sandbox import Sandbox
from tests.scripts.workshop import PROFILE, SHELLS, tree

LOCAL = ("-c", "local", "-e", f"ansible_python_interpreter={sys.executable}")
TOOLS = ("--tool=pip", "--tool=conda", "--style=standalone")


def apart(box: Sandbox, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it on this machine with another /var/lib, /usr/local/sbin and, but for accounts, another /etc."""
    parts.mounts()
    for name in ("lib", "sbin", "etc"):
        (box.folder / name).mkdir(exist_ok=True)
    for name in ("passwd", "group", "hosts", "nsswitch.conf"):
        box.write(box.folder / "etc" / name, Path("/etc", name).read_bytes())
    mounts = "mount --bind lib /var/lib && mount --bind sbin /usr/local/sbin && mount --bind etc /etc"
    variables = {"PATH": os.environ["PATH"], "HOME": str(box.home), "LC_ALL": "C.UTF-8", **environ}
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$@"', "sh", *argv],
        env={name: value for name, value in variables.items() if value},
        cwd=box.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_ansible_changes_once_then_nothing_then_takes_it_back(box: Sandbox) -> None:
    ansible = parts.program("ansible-playbook")
    box.profile("acme", PROFILE)
    book = box.folder / "onboard.yml"
    book.write_text(box.run("script", "acme", "--format=ansible", *TOOLS, code=0).out)
    counts = []
    before = tree(box.folder / "etc")
    for more in ([], [], ["-e", "mirrorcfg_undo=true"]):
        own = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_REMOTE_TMP": str(box.folder / "remote")}
        done = apart(box, ansible, "-i", "localhost,", *LOCAL, *more, str(book), **own)
        assert done.returncode == 0, done.stdout + done.stderr
        counts.append(re.findall(r"ok=1 +changed=(\d)", done.stdout))
        if not more:
            assert "mirror.example" in (box.folder / "etc/pip.conf").read_text()
    assert counts == [["1"], ["0"], ["1"]]
    assert set(tree(box.folder / "etc")) - {"passwd", "group", "hosts", "nsswitch.conf"} == set(before)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_gitlab_job_goes_on_in_its_own_shell(box: Sandbox, shell: str) -> None:
    box.profile("acme", PROFILE)
    job = yaml.safe_load(box.run("script", "acme", "--format=gitlab-ci", *TOOLS, code=0).out)[".mirrors"]
    lines = [*job["before_script"], 'false; echo "still $?"']
    done = apart(box, *SHELLS[shell], "-c", "\n".join(lines))
    assert done.returncode == 0, done.stderr
    assert "index-url = https://mirror.example/simple" in box.pip_conf.read_text()
    assert "still 1" in done.stdout  # nothing of the script's `set -e`


def test_a_github_step_is_run_as_the_runner_does(box: Sandbox) -> None:
    box.profile("acme", PROFILE)
    action = yaml.safe_load(box.run("script", "acme", "--format=github-actions", *TOOLS, code=0).out)
    (step,) = action["runs"]["steps"]
    assert step["shell"] == "sh"
    (box.folder / "step.sh").write_text(step["run"])
    done = apart(box, "sh", "-e", str(box.folder / "step.sh"))
    assert done.returncode == 0, done.stderr
    assert "mirror.example" in box.pip_conf.read_text()


def test_a_first_boot_has_no_home(box: Sandbox) -> None:
    box.profile("acme", PROFILE)
    config = yaml.safe_load(box.run("script", "acme", "--format=cloud-init", *TOOLS, code=0).out)
    (file,), (command,) = config["write_files"], config["runcmd"]
    assert file["path"].startswith("/usr/local/sbin/")
    script = box.folder / "sbin" / Path(file["path"]).name
    box.write(script, file["content"])
    script.chmod(int(file["permissions"], 8))
    done = apart(box, *command, HOME="")
    assert done.returncode == 0, done.stderr
    assert "mirror.example" in (box.folder / "etc/pip.conf").read_text()
    assert apart(box, *command[:-1], command[-1], "--undo", HOME="").returncode == 0
    assert not (box.folder / "etc/pip.conf").exists()


def test_a_user_without_a_home_has_no_files(box: Sandbox) -> None:
    box.profile("acme", PROFILE)
    config = yaml.safe_load(
        box.run("script", "acme", "--format=cloud-init", "--scope=user", *TOOLS, code=0).out
    )
    (file,), (command,) = config["write_files"], config["runcmd"]
    script = box.folder / "onboard.sh"
    script.write_text(file["content"])
    assert "HOME" in apart(box, "sh", str(script), HOME="").stderr
    assert not Path("/.condarc").exists()
    argv = [word.replace("/root", str(box.home)).replace(file["path"], str(script)) for word in command]
    script.chmod(0o755)
    assert apart(box, *argv, HOME="").returncode == 0  # root's, at a first boot
    assert box.condarc.exists()


def test_a_dockerfile_runs_its_here_document(box: Sandbox) -> None:
    """As BuildKit does it: the here-document is a file, and its first line says what runs it."""
    box.profile("acme", PROFILE)
    text = box.run("script", "acme", "--format=dockerfile", *TOOLS, code=0).out
    found = re.search(r"^RUN <<'(\w+)'\n(.*?)^\1$", text, re.DOTALL | re.MULTILINE)
    assert found
    script = box.folder / "heredoc"
    script.write_text(found[2])
    script.chmod(0o755)
    assert apart(box, str(script)).returncode == 0
    assert "mirror.example" in (box.folder / "etc/pip.conf").read_text()
