"""What the installers leave, in a home and elsewhere: before a switch, after it, after undo, as conda itself has it.

The files are those that constructor writes for each installer (`get_condarc_content`): Miniconda's and Anaconda's
name the addresses of what `defaults` stands for, Miniforge's the channel, and lately a mirror for mamba. micromamba
leaves none. Where MIRRORCFG_CONDA names a Python that can import conda, that is asked besides, at each step.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from tests import parts
from tests.attacks.stage import EVE, LI, staged
from tests.clients.record import Conda
from tests.sandbox import Sandbox

UPSTREAM = "https://upstream.invalid/pkgs"
ADDRESSES = f"channels:\n  - {UPSTREAM}/main\n  - {UPSTREAM}/r\n"
FORGE = "channels:\n  - conda-forge\n"
MIRRORED = f"{FORGE}mirrored_channels:\n  conda-forge:\n    - https://up.invalid/conda-forge\n    - https://other.invalid/conda-forge\n"
TUNA = "https://mirrors.tuna.tsinghua.edu.cn/anaconda"
PARTS = [f"{TUNA}/pkgs/main"]
CLOUD = [f"{TUNA}/cloud/conda-forge"]
STOCK = {
    "miniconda3": ("26.7.1", ADDRESSES, PARTS),
    "anaconda3": ("25.7.0", ADDRESSES, PARTS),
    "miniforge3": ("26.3.2", MIRRORED, CLOUD),
    "mambaforge": ("24.11.3", FORGE, CLOUD),
}
INSTALLERS = [pytest.param(name, *STOCK[name], id=name) for name in STOCK]


def install(prefix: Path, version: str, text: str | None) -> Path:
    """An installation as far as its files tell; its .condarc."""
    for name in ("bin/conda", f"conda-meta/conda-{version}-py312_0.json"):
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\nexit 1\n")
        path.chmod(0o755)
    if text is not None:
        (prefix / ".condarc").write_text(text)
    return prefix / ".condarc"


@cache
def _judge() -> Conda | None:
    program = os.environ.get("MIRRORCFG_CONDA")
    return Conda(program) if program else None


def judged(box: Sandbox, prefix: Path, said: list[str]) -> bool:
    """Does conda itself ask just that? Where none can be asked nobody denies it."""
    judge, here = _judge(), ["?pkgs/main", "?pkgs/r"]
    if judge is None:
        return True
    own = [
        part for url in said for part in (here if url == "defaults" else [url if "://" in url else f"?{url}"])
    ]
    return bool(judge.asked({"HOME": str(box.home)}, prefix, box.home) == own)


def conda(box: Sandbox, command: str, *more: str, code: int = 0) -> dict[str, list[str]]:
    found: dict[str, list[str]] = box.json(command, *more, "--tool", "conda", code=code)["data"]["tools"][
        "conda"
    ]
    return found


@pytest.mark.parametrize(("name", "version", "text", "asked"), INSTALLERS)
def test_one_command_on_a_stock_home(
    box: Sandbox, name: str, version: str, text: str, asked: list[str]
) -> None:
    """Without anything on PATH: the installer's folder in the home is enough."""
    file = install(box.home / name, version, text)
    before = conda(box, "status")["effective"]
    assert before != asked
    assert judged(box, file.parent, before)
    told = conda(box, "use", "tsinghua")
    assert (told["effective"], told["shadowed_by"]) == (asked, [])
    assert conda(box, "status")["effective"] == asked
    assert judged(box, file.parent, asked)
    assert "mirrored_channels" not in file.read_text()
    box.run("undo", code=0)
    assert (file.read_text(), box.condarc.exists()) == (text, False)
    assert judged(box, file.parent, before)


@pytest.mark.parametrize(("name", "version", "text", "asked"), INSTALLERS)
def test_elsewhere_it_is_said_and_one_command_more_mends_it(
    box: Sandbox, name: str, version: str, text: str, asked: list[str]
) -> None:
    file = install(box.folder / "opt" / name, version, text)
    box.environ["CONDA_EXE"] = str(file.parent / "bin/conda")
    if asked == CLOUD:  # a name, which the profile leads to the mirror
        assert conda(box, "use", "tsinghua")["effective"] == asked
    else:
        answer = box.json("use", "tsinghua", "--tool", "conda", code=3)
        assert answer["data"]["tools"]["conda"]["shadowed_by"] == [str(file)]
        hint = next(each["hint"] for each in answer["findings"] if each["code"] == "shadowed")
        assert (
            f"env CONDA_EXE={file.parent}/bin/conda mirrorcfg use tsinghua --tool conda --scope system"
            in hint
        )
        assert conda(box, "status", code=3)["shadowed_by"] == [str(file)]
    assert file.read_text() == text
    box.run("undo", code=0)
    assert (file.read_text(), box.condarc.exists()) == (text, False)


def test_another_accounts_is_changed_by_root_alone_and_stays_theirs(pyz: Path) -> None:
    """Neither who runs `use` nor whose conda it is is root: what is said mends it, for both, and goes back."""
    program = f"{parts.others('/usr/bin/python3')} /srv/mirrorcfg.pyz"  # our own may be in a home
    with staged() as stage:
        stage.path("/srv/mirrorcfg.pyz").write_bytes(pyz.read_bytes())
        prefix = "/srv/opt/miniconda3"
        for name, text in (
            ("bin/conda", "#!/bin/sh\n"),
            ("conda-meta/conda-26.7.1-0.json", ""),
            (".condarc", ADDRESSES),
        ):
            stage.write(f"{prefix}/{name}", text, EVE, 0o755)
        stage.sh(f"mkdir /home/li; chown {LI}:{LI} /home/li")
        li = {"HOME": "/home/li", "CONDA_EXE": f"{prefix}/bin/conda"}
        file, use = stage.path(f"{prefix}/.condarc"), f"{program} use tsinghua --tool conda"
        done = stage.sh(f"exec {use} --no-verify", LI, **li)
        found = '"$(command -v mirrorcfg)"'
        mends = f"env CONDA_EXE={prefix}/bin/conda {found} use tsinghua --tool conda --scope system"
        assert done.returncode == 3
        assert f"{prefix}/.condarc wins" in done.stderr
        assert f"sudo {mends}\n" in done.stderr
        assert file.read_text() == ADDRESSES
        sudo = {"SUDO_UID": str(LI), "SUDO_GID": str(LI), "HOME": "/home/li"}
        done = stage.sh(f"{mends} --no-verify".replace(found, program), **sudo)
        assert done.returncode == 0, done
        assert (file.read_text(), file.stat().st_uid) == ("channels:\n  - defaults\n", EVE)
        assert PARTS[0] in stage.sh(f"exec {program} status --tool conda", LI, **li).stdout
        assert stage.sh(f"env CONDA_EXE={prefix}/bin/conda {program} undo", **sudo).returncode == 0
        assert (file.read_text(), file.stat().st_uid) == (ADDRESSES, EVE)


@pytest.mark.parametrize(("version", "asked"), [("25.8.0", ["defaults"]), ("25.9.0", [])])
def test_without_channels_it_is_condas_version_that_counts(
    box: Sandbox, version: str, asked: list[str]
) -> None:
    install(box.home / "miniconda3", version, None)
    assert conda(box, "status")["effective"] == asked
    assert conda(box, "use", "tsinghua")["effective"] == PARTS
    assert ("channels:\n  - defaults\n" in box.condarc.read_text()) is (version == "25.9.0")
    again = box.json("use", "tsinghua", "--tool", "conda")
    assert again["status"] == "unchanged"
    box.run("undo", code=0)
    assert not box.condarc.exists()


def test_a_conda_that_asks_nobody_is_no_switch(box: Sandbox) -> None:
    install(box.home / "miniconda3", "26.7.1", None)
    box.run("use", "tsinghua", "--tool", "conda", code=0)
    text = box.condarc.read_text()
    assert text.endswith("\nchannels:\n  - defaults\n")
    box.condarc.write_text(text.removesuffix("channels:\n  - defaults\n"))
    assert judged(box, box.home / "miniconda3", [])
    told = conda(box, "status", code=3)
    assert (told["effective"], told["shadowed_by"]) == ([], ["conda 26.7.1"])


def test_a_profile_of_names_alone_adds_no_channels(box: Sandbox) -> None:
    install(box.home / "miniconda3", "26.7.1", None)
    assert conda(box, "use", "ustc")["effective"] == []
    assert "\nchannels:" not in f"\n{box.condarc.read_text()}"


def test_a_base_environment_that_is_active_is_no_stronger(box: Sandbox) -> None:
    file = install(box.home / "miniconda3", "26.7.1", "channel_alias: https://weak.invalid\n")
    box.environ["CONDA_PREFIX"] = str(file.parent)
    box.write(box.condarc, "channel_alias: https://strong.invalid\nchannels: [a]\n")
    assert conda(box, "status")["effective"] == ["https://strong.invalid/a"]


def test_micromamba_alone_reads_its_own_files(box: Sandbox) -> None:
    program = box.home / "bin/micromamba"
    box.write(program, "#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    box.environ |= {
        "PATH": f"{program.parent}:{box.environ['PATH']}",
        "MAMBA_ROOT_PREFIX": str(box.home / "micromamba"),
    }
    assert conda(box, "status")["effective"] == []
    assert conda(box, "use", "tsinghua")["effective"] == PARTS
    box.write(box.home / ".mambarc", "channels: [lab]\nchannel_alias: https://lab.invalid\n")
    assert conda(box, "status")["effective"] == ["https://lab.invalid/lab", *PARTS]
    box.environ["MAMBA_CHANNEL_ALIAS"] = "https://variable.invalid"
    assert conda(box, "status", code=3)["effective"] == ["https://variable.invalid/lab", *PARTS]


def test_a_private_name_never_becomes_public(box: Sandbox) -> None:
    """Its alias stays where the profile has none; where it has one, the name keeps the old one."""
    file = install(box.home / "miniconda3", "26.7.1", None)
    text = "channel_alias: https://nexus.invalid/conda  # ours\nchannels: [defaults, team/label/dev]\n"
    box.write(box.condarc, text)
    private = "https://nexus.invalid/conda/team/label/dev"
    answer = box.json("use", "tsinghua", "--tool", "conda")
    assert answer["data"]["tools"]["conda"]["effective"] == [*PARTS, private]
    codes = [each["code"] for each in answer["findings"]]
    assert codes == ["taken-along", "asked-beside", "not-verified"]
    assert judged(box, file.parent, [*PARTS, private])
    box.profile(
        "acme", f'[conda]\ndefault-channels = ["{TUNA}/pkgs/main"]\nchannel-alias = "https://acme.invalid"\n'
    )
    assert conda(box, "use", "acme")["effective"] == [PARTS[0], private]
    assert judged(box, file.parent, [PARTS[0], private])
    assert conda(box, "use", "nju")["effective"][-1] == private  # the alias is the user's own again
    box.run("restore", "0", code=0)
    assert box.condarc.read_text() == text


def test_an_old_mirror_left_in_channels_gives_way(box: Sandbox) -> None:
    file = install(box.home / "miniconda3", "26.7.1", None)
    old = "https://mirror.nju.edu.cn/anaconda"
    text = (
        f"channels:\n  - {old}/pkgs/free/  # dead\n  - {old}/cloud/conda-forge\n  - {old}/cloud/bioconda\n"
        "  - https://ours.invalid/c\n"
    )
    box.write(box.condarc, text)
    diff = box.json("diff", "tsinghua", "--tool", "conda")["data"]["diffs"][str(box.condarc)]
    assert f"-  - {old}/pkgs/free/  # dead\n" in diff
    answer = box.json("use", "tsinghua", "--tool", "conda")
    asked = [*PARTS, *CLOUD, f"{old}/cloud/bioconda", "https://ours.invalid/c"]
    assert answer["data"]["tools"]["conda"]["effective"] == asked
    assert judged(box, file.parent, asked)
    said = {each["code"]: each["message"] for each in answer["findings"]}
    assert "https://ours.invalid/c" in said["asked-beside"]
    assert f"{old}/cloud/bioconda" in said["asked-beside"]
    box.run("undo", code=0)
    assert box.condarc.read_text() == text


def test_what_a_variable_holds_is_not_written_down(box: Sandbox) -> None:
    text = 'channel_alias: "https://me:${TOKEN}@nexus.invalid/c"\nchannels: ["https://me:${TOKEN}@ours.invalid"]\n'
    box.write(box.condarc, text)
    box.environ["TOKEN"] = "geheim-0815"
    box.run("use", "ustc", "--tool", "conda", code=0)
    assert box.condarc.read_text().startswith(text)
    assert "geheim" not in box.condarc.read_text()


def test_a_built_in_mirrors_alias_is_no_private_one(box: Sandbox) -> None:
    box.write(box.condarc, "channel_alias: https://mirror.nju.edu.cn/anaconda/cloud\nchannels: [defaults]\n")
    box.run("use", "tsinghua", "--tool", "conda", code=0)
    assert "channel_alias" not in box.condarc.read_text()


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("offline: false\nchannels: conda-forge\n", "wrong-type", 2),
        ("channels: [a]\nssl_verify: true\n\nverify_ssl: true\n", "aliased-keys", 4),
        ("channels: [a]\nchannel:\n  - b\n", "aliased-keys", 2),
        ("custom_multichannels:\n  both: [a]\n  one: b\n", "wrong-type", 3),
        ("custom_channels:\n  a: [b]\n", "wrong-type", 2),
        ("default_channels: {a: b}\n", "wrong-type", 1),
        ("# ours\nchannel_alias: nexus.invalid/conda\n", "wrong-type", 2),
        ("always_yes: perhaps\n", "wrong-type", 1),
        ("envs_dirs: /data/envs\n", "wrong-type", 1),
    ],
)
def test_what_conda_refuses_is_refused_at_its_line(box: Sandbox, text: str, code: str, line: int) -> None:
    file = install(box.home / "miniconda3", "26.7.1", None)
    box.write(box.condarc, text)
    error = box.json("use", "tsinghua", "--tool", "conda", code=1)["error"]
    assert (error["code"], error["line"], error["path"]) == (code, line, str(box.condarc))
    assert box.condarc.read_text() == text
    if (judge := _judge()) is not None:
        assert judge.asked({"HOME": str(box.home)}, file.parent, box.home).endswith("Error")


@pytest.mark.parametrize("key", ["channel", "_channels", "channels"])
def test_a_list_is_changed_under_the_name_that_it_has(box: Sandbox, key: str) -> None:
    """A second name beside it, and conda refuses to start."""
    install(box.home / "miniconda3", "26.7.1", None)
    box.write(box.condarc, f"{key}: [defaults]\n_default_channels: [https://old.invalid/main]\n")
    box.profile("acme", f'[conda]\nchannels = ["conda-forge"]\ndefault-channels = ["{TUNA}/pkgs/main"]\n')
    box.run("use", "acme", "--tool", "conda", code=3)  # conda-forge alone isn't of acme
    assert f"{key}: [conda-forge]" in box.condarc.read_text()
    assert box.condarc.read_text().count("default_channels") == 1
    box.run("undo", code=0)
    assert box.condarc.read_text() == f"{key}: [defaults]\n_default_channels: [https://old.invalid/main]\n"


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("denylist_channels: [defaults]\n", "denylist_channels"),
        ("whitelist_channels: [https://ours.invalid/c]\n", "allowlist_channels"),
        ("offline: 'on'\n", "offline"),
    ],
)
def test_what_keeps_conda_from_the_mirror_is_named(box: Sandbox, text: str, option: str) -> None:
    file = install(box.home / "miniconda3", "26.7.1", None)
    box.write(box.condarc, f"channels: [defaults]\n{text}")
    answer = box.json("use", "tsinghua", "--tool", "conda", code=3)
    assert answer["data"]["tools"]["conda"]["effective"] == []
    assert answer["data"]["tools"]["conda"]["shadowed_by"] == [str(box.condarc)]
    assert option in next(each["message"] for each in answer["findings"] if each["code"] == "shadowed")
    if (judge := _judge()) is not None:
        assert judge.asked({"HOME": str(box.home)}, file.parent, box.home) in (
            [],
            "ChannelDenied",
            "ChannelNotAllowed",
        )


def test_free_of_old_goes_upstream_beside_the_mirror(box: Sandbox) -> None:
    file = install(box.home / "miniconda3", "25.7.0", None)
    box.write(box.condarc, "restore_free_channel: true\n")
    answer = box.json("use", "tsinghua", "--tool", "conda")
    assert answer["data"]["tools"]["conda"]["effective"] == [*PARTS, "pkgs/free"]
    assert "pkgs/free" in next(
        each["message"] for each in answer["findings"] if each["code"] == "asked-beside"
    )
    assert file.exists() is False


def test_a_variable_in_a_file_is_opened(box: Sandbox) -> None:
    file = install(box.home / "miniconda3", "26.7.1", None)
    box.write(box.condarc, "channels: ['https://${WHO}.invalid/c']\n")
    box.environ["WHO"] = "ours"
    assert conda(box, "status")["effective"] == ["https://ours.invalid/c"]
    assert file.exists() is False


def test_the_default_leaves_a_private_alias_too(box: Sandbox) -> None:
    text = "channel_alias: https://nexus.invalid/conda\nchannels: [defaults, team]\n"
    box.write(box.condarc, text)
    answer = box.json("use", "official", "--tool", "conda")
    assert answer["data"]["tools"]["conda"]["effective"] == ["defaults", "https://nexus.invalid/conda/team"]
    assert [each["code"] for each in answer["findings"]][:1] == ["taken-along"]
    assert box.condarc.read_text() == text
    assert conda(box, "status")["shadowed_by"] == []
