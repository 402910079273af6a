"""Profiles that somebody else wrote, changed, or put in the place of one that was pinned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.attacks.stage import EVE, LI, Stage
from tests.sandbox import Sandbox

GOOD = 'schema = 1\nname = "{}"\n{}[pip]\nindex-url = "https://pip.acme.example/simple"\n'
EVIL = 'schema = 1\nname = "{}"\n[pip]\nindex-url = "https://evil.example/simple"\n'


@pytest.fixture
def box(box: Sandbox) -> Sandbox:
    """With a team's profile, which extends another one of the team's."""
    box.write(box.folder / "base.toml", GOOD.format("base", ""))
    box.write(box.folder / "acme.toml", 'schema = 1\nname = "acme"\nextends = "base"\n')
    for name in ("base", "acme"):
        box.run("profile", "add", f"{name}.toml", "--yes", code=0)
    return box


def shelf(box: Sandbox, name: str) -> Path:
    return box.home / f".config/mirrorcfg/profiles/{name}.toml"


def edited(box: Sandbox) -> str:
    box.write(shelf(box, "acme"), EVIL.format("acme"))
    return "profile-edited"


def rebased(box: Sandbox) -> str:
    (box.folder / "base.toml").write_text(EVIL.format("base"))
    box.run("profile", "add", "base.toml", "--yes", code=0)  # its own pin is all right
    return "profile-base-changed"


def reroofed(box: Sandbox) -> str:
    box.write(shelf(box, "base"), EVIL.format("base"))
    return "profile-base-changed"


def inserted(box: Sandbox) -> str:
    """A base that came with mirrorcfg when it was pinned, and stands on the user's shelf now."""
    box.write(box.folder / "acme.toml", 'schema = 1\nname = "acme"\nextends = "tsinghua"\n')
    box.run("profile", "remove", "acme", "--yes", code=0)
    box.run("profile", "add", "acme.toml", "--yes", code=0)
    box.write(shelf(box, "tsinghua"), EVIL.format("tsinghua"))
    return "profile-base-changed"


def hidden(box: Sandbox) -> str:
    box.write(box.folder / "extra/acme.toml", EVIL.format("acme"))
    box.environ["MIRRORCFG_PROFILES"] = str(box.folder / "extra")
    return "profile-hidden"


WAYS = [edited, rebased, reroofed, inserted, hidden]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_another_than_was_pinned_is_refused_where_nobody_is_asked(box: Sandbox, way: object) -> None:
    code = way(box)  # type: ignore[operator]
    answer = box.json("use", "acme", "--tool", "pip", "--yes", code=4)
    assert answer["error"]["code"] == code
    assert not box.pip_conf.exists()


@pytest.mark.parametrize("way", WAYS)
def test_and_is_said_wherever_it_is_used(box: Sandbox, way: object) -> None:
    code = way(box)  # type: ignore[operator]
    for argv in (
        ("use", "acme", "--tool", "pip", "--dry-run"),
        ("diff", "acme", "--tool", "pip"),
        ("env", "acme"),
    ):
        answer = box.json(*argv)
        assert code in [finding["code"] for finding in answer["findings"]], argv
    done = box.run("run", "--chain", "acme", "--tool", "pip", "--timeout", "1", "--", "true")
    assert code in done.err or done.code == 3  # no source of it answers here


def test_what_is_as_it_was_pinned_is_used_without_a_word(box: Sandbox) -> None:
    answer = box.json("use", "acme", "--tool", "pip", "--yes")
    assert [finding["code"] for finding in answer["findings"]] == ["not-verified"]
    rebased(box)
    box.run("profile", "add", "acme.toml", "--yes", code=0)  # somebody looked at it again
    box.run("use", "acme", "--tool", "pip", "--yes", code=0)


def test_one_of_the_users_own_that_builds_upon_a_pinned_one_of_its_name(box: Sandbox) -> None:
    box.write(box.folder / "extra/acme.toml", 'schema = 1\nname = "acme"\nextends = "acme"\n')
    box.environ["MIRRORCFG_PROFILES"] = str(box.folder / "extra")
    box.run("use", "acme", "--tool", "pip", "--yes", code=0)


@pytest.mark.parametrize("name", ["tsinghua", "official", "china"])
def test_a_profile_from_elsewhere_that_calls_itself_like_one_of_mirrorcfgs(box: Sandbox, name: str) -> None:
    box.write(box.folder / "x.toml", EVIL.format(name))
    answer = box.json("profile", "add", "x.toml", "--yes", code=2)
    assert answer["error"]["code"] == "profile-is-builtin"
    assert not shelf(box, name).exists()
    box.run("profile", "add", "x.toml", "--yes", "--force", code=0)


USE = ("use", "evil", "--tool", "pip", "--no-verify", "--yes")


@pytest.mark.parametrize(
    ("folder", "mode", "uid", "environ"),
    [
        ("/srv/shared", 0o777, 0, {"MIRRORCFG_PROFILES": "/srv/shared"}),
        ("/srv/eves", 0o755, EVE, {"MIRRORCFG_PROFILES": "/srv/eves"}),
        ("/srv/sticky", 0o1777, 0, {"MIRRORCFG_PROFILES": "/srv/sticky"}),
        ("/etc/mirrorcfg/profiles", 0o777, 0, {}),
        ("/home/eve/.config/mirrorcfg/profiles", 0o755, EVE, {"HOME": "/home/eve"}),
        (
            "/home/eve/.config/mirrorcfg/profiles",
            0o755,
            EVE,
            {"HOME": "/home/eve", "SUDO_UID": str(LI), "SUDO_GID": str(LI)},
        ),
    ],
)
def test_a_stranger_s_profile_is_none_of_roots(
    stage: Stage, folder: str, mode: int, uid: int, environ: dict[str, str]
) -> None:
    stage.write(f"{folder}/evil.toml", EVIL.format("evil"), uid)
    stage.path(folder).chmod(mode)
    os.chown(stage.path(f"{folder}/evil.toml"), EVE, EVE)
    done = stage.run(*USE, **environ)
    assert done.code == 1
    assert "unknown-profile" in done.err
    assert "profiles-ignored" in stage.run("ls", **environ).err


def test_under_sudo_ones_own_profiles_count(stage: Stage) -> None:
    stage.write("/home/li/.config/mirrorcfg/profiles/mine.toml", GOOD.format("mine", ""), LI)
    environ = {"HOME": "/home/li", "SUDO_UID": str(LI), "SUDO_GID": str(LI)}
    done = stage.run("use", "mine", "--tool", "pip", "--no-verify", "--yes", **environ)
    assert done.code == 0, done.err
    assert "profiles-ignored" not in stage.run("ls", **environ).err


@pytest.mark.parametrize("trap", ["ln -s /etc/shadow", "mkfifo", "ln -s /srv/secret.toml", "ln -s /dev/zero"])
def test_a_profile_that_is_a_link_to_what_only_root_may_read(stage: Stage, trap: str) -> None:
    stage.write("/srv/secret.toml", 'schema = 1\nname = "root-only-s3cret"\n', mode=0o600)
    stage.sh("mkdir -m 755 /home/li; chown 41002:41002 /home/li")
    place = "~/.config/mirrorcfg/profiles"
    assert stage.sh(f"mkdir -p {place}; {trap} {place}/acme.toml", LI, HOME="/home/li").returncode == 0
    environ = {"HOME": "/home/li", "SUDO_UID": str(LI), "SUDO_GID": str(LI)}
    for argv in (
        ("profile", "check", "acme"),
        ("profile", "show", "acme"),
        ("use", "acme", "--yes"),
        ("ls",),
    ):
        done = stage.run(*argv, timeout=20, **environ)
        assert "s3cret" not in done.out + done.err
        assert "root:" not in done.out + done.err
        assert done.code == (0 if argv == ("ls",) else 1), done.err


@pytest.mark.parametrize(
    "part", ["etc/mirrorcfg", "etc/mirrorcfg/profiles", "etc/mirrorcfg/profiles/acme.toml"]
)
def test_an_image_s_profiles_that_lead_to_the_host(box: Sandbox, part: str) -> None:
    host = box.folder / "host/profiles"
    box.write(host / "acme.toml", 'schema = 1\nname = "the-hosts-s3cret"\n')
    target = {"etc/mirrorcfg": host.parent, "etc/mirrorcfg/profiles": host}.get(part, host / "acme.toml")
    (box.root / part).parent.mkdir(parents=True)
    (box.root / part).symlink_to(target)
    shelf(box, "acme").unlink()
    for argv in (("profile", "check", "acme"), ("profile", "show", "acme"), ("ls",)):
        done = box.run(*argv, "--root", str(box.root))
        assert "s3cret" not in done.out + done.err
