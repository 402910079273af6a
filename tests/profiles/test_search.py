from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorcfg.errors import ProfileError
from mirrorcfg.profiles import Catalogue, Directory, find, load, names, search_path
from mirrorcfg.profiles.library import Library
from mirrorcfg.profiles.search import builtin

HOME = Path("/home/joe")
Write = Callable[..., Path]


def paths(directories: tuple[Directory, ...]) -> list[tuple[str, str]]:
    return [(each.layer, each.path.as_posix()) for each in directories[:-1]]


def test_the_order_of_directories() -> None:
    directories = search_path({"MIRRORCFG_PROFILES": "/a:b:"}, HOME, "linux")
    assert paths(directories) == [
        ("extra", "/a"),
        ("extra", "b"),
        ("user", "/home/joe/.config/mirrorcfg/profiles"),
        ("system", "/etc/mirrorcfg/profiles"),
    ]
    assert directories[-1] == Directory("builtin", builtin())
    assert (builtin() / "tsinghua.toml").is_file()


def test_where_the_user_keeps_them() -> None:
    def user(environ: dict[str, str], platform: str = "linux") -> str:
        return search_path(environ, HOME, platform)[0].path.as_posix()

    assert user({"XDG_CONFIG_HOME": "/x"}) == "/x/mirrorcfg/profiles"
    assert user({"XDG_CONFIG_HOME": "x"}) == "/home/joe/.config/mirrorcfg/profiles"
    assert user({}, "darwin") == "/home/joe/.config/mirrorcfg/profiles"
    assert user({"APPDATA": "/roaming"}, "win32") == "/roaming/mirrorcfg/profiles"
    assert user({}, "win32") == "/home/joe/AppData/Roaming/mirrorcfg/profiles"


def test_windows_has_its_own_separator_and_place() -> None:
    directories = search_path({"MIRRORCFG_PROFILES": "a;b", "PROGRAMDATA": "/data"}, HOME, "win32")
    assert paths(directories)[:2] == [("extra", "a"), ("extra", "b")]
    assert paths(directories)[-1] == ("system", "/data/mirrorcfg/profiles")


def test_under_a_root_the_system_is_the_one_below_it() -> None:
    directories = search_path({}, HOME, "linux", Path("/image"))
    assert paths(directories) == [
        ("user", "/home/joe/.config/mirrorcfg/profiles"),
        ("system", "/image/etc/mirrorcfg/profiles"),
    ]


def test_the_first_directory_wins(directories: tuple[Directory, ...], write: Write) -> None:
    assert find("tsinghua", directories).layer == "builtin"
    for layer in ("system", "user", "extra"):
        path = write("tsinghua", "", layer)
        found = find("tsinghua", directories)
        assert (found.layer, found.path) == (layer, path)


def test_a_path(directories: tuple[Directory, ...], write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("acme", "", "else")
    assert find(str(path), directories).layer == "path"
    monkeypatch.chdir(path.parent)
    assert find("acme.toml", directories).path == path
    assert find("./acme.toml", directories).path == path
    assert find("~/acme.toml", directories, home=path.parent).path == path


@pytest.mark.parametrize(
    "wanted", ["tsinghau", "Tsinghua", "tsing hua", "", "../tsinghua", "x.toml", "\0.toml"]
)
def test_what_is_not_there(wanted: str, directories: tuple[Directory, ...]) -> None:
    with pytest.raises(ProfileError) as caught:
        find(wanted, directories)
    assert (caught.value.code, caught.value.hint) == ("unknown-profile", "mirrorcfg ls")
    if wanted in ("tsinghau", "Tsinghua", "tsing hua"):
        assert caught.value.what.endswith("Did you mean 'tsinghua'?")


def test_names_come_from_file_names_alone(directories: tuple[Directory, ...], user: Path) -> None:
    (user / "aaa.toml").write_bytes(b"\xff")
    (user / "Not A Name.toml").touch()
    (user / ".hidden.toml").touch()
    (user / "readme.md").touch()
    assert names(directories)[0] == "aaa"
    assert "Not A Name" not in names(directories)
    assert {"tsinghua", "official", "harbor"} < set(names(directories))


def test_a_broken_profile_is_listed_with_its_error(
    directories: tuple[Directory, ...], user: Path, catalogue: Catalogue
) -> None:
    (user / "tsinghua.toml").write_bytes(b"\xff")
    (user / "Not A Name.toml").touch()
    (user / "folder.toml").mkdir()
    (user / ".hidden.toml").touch()
    entries = {entry.found.name: entry for entry in Library(catalogue, directories).every()}
    assert list(entries) == sorted(entries)
    errors = {name: entry.error.code for name, entry in entries.items() if entry.error}
    assert errors.pop("tsinghua") == "profile-encoding"
    assert errors.pop("china") == "profile-encoding"  # it extends the broken one
    assert errors.pop("folder") == "profile-unreadable"
    assert errors.pop("Not A Name") == "profile-schema"
    assert not errors
    harbor = entries["harbor"].profile
    assert harbor is not None
    assert harbor.needs == ("host",)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in the file system there")
def test_nothing_but_a_regular_file_is_read(
    directories: tuple[Directory, ...], user: Path, catalogue: Catalogue
) -> None:
    os.mkfifo(user / "pipe.toml")
    (user / "null.toml").symlink_to("/dev/zero")
    (user / "dangling.toml").symlink_to("nowhere")
    for name in ("pipe", "null", "dangling"):
        with pytest.raises(ProfileError) as caught:
            load(name, {}, catalogue, directories)
        assert caught.value.code == "profile-unreadable"


def test_no_module_is_imported_that_only_an_error_needs() -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom mirrorcfg import profiles\n"
        "catalogue = {tool: {} for tool in ('pip', 'conda', 'docker')}\n"
        "profiles.load('official', {}, catalogue, profiles.search_path({}, Path(), 'linux'))\n"
        "wrong = {'difflib', 'json', 'jsonschema', 'platformdirs', 'tomlkit', 'mirrorcfg.formats.toml_scan',\n"
        "  'mirrorcfg.profiles.schema', 'importlib.resources'} & set(sys.modules)\n"
        "sys.exit(', '.join(wrong) or 0)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
