"""podman's writer: our drop-in, and which of its files wins, held against the real podman."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path, PurePosixPath

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.formats.past import Past
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import Writer, podman
from tests import parts
from tests.sandbox import Sandbox, environment

WRITER: Writer = podman
HARBOR, B = "https://harbor.invalid/dockerhub", "https://b.invalid"
GHCR = {"ghcr.io": "https://harbor.invalid/ghcr"}
MAIN, DROP_INS = ".config/containers/registries.conf", ".config/containers/registries.conf.d"


def table(location: str, prefix: str = "docker.io") -> str:
    return f'[[registry]]\nprefix = "{prefix}"\nlocation = "{prefix}"\nmirror = [{{ location = "{location}" }}]\n'


OURS = table("harbor.invalid/dockerhub")
GOLDEN = [
    ("a new file", "", OURS),
    ("another mirror", table("a.invalid"), OURS),
    ("insecure goes", OURS.replace('" }', '", insecure = true }'), OURS),
    ("the user's own table stays", "# mine\n" + table("x.invalid", "quay.io"), "# mine\n" + table("x.invalid", "quay.io") + "\n" + OURS),
    ("a table without a prefix", '[[registry]]\nlocation = "docker.io"\n', '[[registry]]\nlocation = "docker.io"\nmirror = [{ location = "harbor.invalid/dockerhub" }]\n'),
    ("CRLF", table("a.invalid").replace("\n", "\r\n"), OURS.replace("\n", "\r\n")),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_mirrors_are_set_and_nothing_else(before: str, after: str) -> None:
    assert podman.edit(before, {"registry-mirrors": (HARBOR,)}) == after
    assert podman.edit(after, {"registry-mirrors": (HARBOR,)}) == after
    assert podman.revert(after, after, before) == before


def test_what_is_read_back() -> None:
    settings = {"registry-mirrors": (HARBOR, B), "registries": GHCR}
    assert podman.read(podman.edit("", settings)) == settings


def test_default_leaves_an_empty_file_and_the_users_own() -> None:
    assert podman.edit(OURS, {}) == ""
    assert podman.edit("# mine\n" + OURS, {}).strip() == "# mine"
    assert podman.edit("\n", {}) == "\n"


def test_another_registry_goes_with_the_profile_that_named_it() -> None:
    left = podman.edit(table("x.invalid", "quay.io"), {"registry-mirrors": (HARBOR,), "registries": GHCR})
    after = podman.edit(left, {"registry-mirrors": (B,)}, Past(table("x.invalid", "quay.io"), left))
    assert podman.read(after) == {"registry-mirrors": (B,), "registries": {"quay.io": "https://x.invalid"}}


def test_a_file_that_podman_could_not_read_is_refused() -> None:
    with pytest.raises(FormatError):
        podman.edit("[[registry]\n", {"registry-mirrors": (HARBOR,)})


# Files below a home, weak to strong; the last column is what podman asks for Docker Hub.
LAYERS: dict[str, tuple[dict[str, str], dict[str, str], list[str]]] = {
    "our drop-in": ({f"{DROP_INS}/50-mirrorcfg.conf": OURS}, {}, ["harbor.invalid/dockerhub"]),
    "a drop-in over the main file": ({MAIN: table("a.invalid"), f"{DROP_INS}/50-mirrorcfg.conf": OURS}, {}, ["harbor.invalid/dockerhub"]),
    "a later drop-in": ({f"{DROP_INS}/50-mirrorcfg.conf": OURS, f"{DROP_INS}/60.conf": table("a.invalid")}, {}, ["a.invalid"]),
    "an earlier drop-in": ({f"{DROP_INS}/50-mirrorcfg.conf": OURS, f"{DROP_INS}/10.conf": table("a.invalid")}, {}, ["harbor.invalid/dockerhub"]),
    "a later table without mirrors": ({f"{DROP_INS}/50-mirrorcfg.conf": OURS, f"{DROP_INS}/60.conf": '[[registry]]\nlocation = "docker.io"\n'}, {}, []),
    "a file of another name": ({f"{DROP_INS}/50-mirrorcfg.conf": OURS, f"{DROP_INS}/60.txt": table("a.invalid")}, {}, ["harbor.invalid/dockerhub"]),
    "the variable in the main file's place": ({MAIN: table("a.invalid"), "other.conf": table("b.invalid")}, {"CONTAINERS_REGISTRIES_CONF": "other.conf"}, ["b.invalid"]),
    "a drop-in over the variable": ({"other.conf": table("b.invalid"), f"{DROP_INS}/50-mirrorcfg.conf": OURS}, {"CONTAINERS_REGISTRIES_CONF": "other.conf"}, ["harbor.invalid/dockerhub"]),
}  # fmt: skip


@pytest.fixture
def laid(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, str], list[str]]:
    """A home with a case's files, its variables, and what is expected."""
    files, variables, expected = LAYERS[request.param]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path, {key: str(tmp_path / value) for key, value in variables.items()}, expected


@pytest.mark.parametrize("laid", LAYERS, indirect=True)
def test_which_layer_wins(laid: tuple[Path, dict[str, str], list[str]]) -> None:
    home, variables, expected = laid
    machine = Machine(
        "linux",
        home,
        environ=variables,
        is_file=lambda path: Path(path).is_file() and home in path.parents,
        names=lambda path: (
            tuple(entry.name for entry in Path(path).iterdir())
            if home in path.parents and Path(path).is_dir()
            else ()
        ),
    )
    readings = []
    for layer in podman.layers(machine):
        there = layer.path is not None and home in layer.path.parents and Path(layer.path).is_file()
        text = Path(layer.path).read_text() if there and layer.path and not layer.ignored else ""
        readings.append(Reading(layer, podman.read(text)))
    found = podman.effective(readings).settings.get("registry-mirrors", ())
    assert found == tuple(f"https://{location}" for location in expected)


@pytest.mark.parametrize("laid", LAYERS, indirect=True)
def test_the_real_podman_says_the_same(laid: tuple[Path, dict[str, str], list[str]]) -> None:
    home, variables, expected = laid
    assert asked(home, variables) == expected


def asked(home: Path, variables: dict[str, str] | None = None) -> list[str]:
    """The mirrors of Docker Hub that the real podman has."""
    program = parts.program("podman")
    with tempfile.TemporaryDirectory(prefix="m") as own:  # its store's; podman wants a short name
        done = subprocess.run(
            [
                program,
                "--root",
                f"{own}/store",
                "--runroot",
                f"{own}/run",
                "info",
                "--format",
                "{{json .Registries}}",
            ],
            env=environment() | {"HOME": str(home)} | (variables or {}),
            capture_output=True,
            text=True,
            check=True,
        )
    hub = json.loads(done.stdout).get("docker.io") or {}
    return [mirror["Location"] for mirror in hub.get("Mirrors") or ()]


PROFILE = f'[podman]\nregistry-mirrors = ["{HARBOR}"]\n'


def test_switched_by_mirrorcfg_and_back(box: Sandbox) -> None:
    box.profile("acme", PROFILE)
    box.run("use", "acme", "--tool", "podman", "--scope", "user", code=0)
    assert asked(box.home) == ["harbor.invalid/dockerhub"]
    box.run("undo", code=0)
    assert not (box.home / DROP_INS / "50-mirrorcfg.conf").exists()
    assert asked(box.home) == []


def test_what_wins_over_it_is_named(box: Sandbox) -> None:
    box.profile("acme", PROFILE)
    own = box.home / DROP_INS / "60.conf"
    box.write(own, table("a.invalid"))
    answer = box.json("use", "acme", "--tool", "podman", "--scope", "user", code=3)
    assert answer["data"]["tools"]["podman"]["shadowed_by"] == [str(own)]


def test_the_systems_drop_in_under_a_users_registries_conf_is_named(box: Sandbox) -> None:
    own = PurePosixPath("/root/.config/containers/registries.conf")
    box.profile("acme", PROFILE)
    box.write(box.root / own.relative_to("/"), "")
    answer = box.json("use", "acme", "--tool", "podman", "--root", str(box.root), code=3)
    assert answer["data"]["tools"]["podman"]["shadowed_by"] == [str(box.root / own.relative_to("/"))]


@pytest.mark.parametrize("variable", [None, "CONTAINERS_REGISTRIES_CONF"])
def test_a_users_registries_conf_hides_the_systems_files(variable: str | None) -> None:
    """Unless the variable is set: then it is passed over itself."""
    machine = Machine(
        "linux",
        PurePosixPath("/home/li"),
        environ={variable: "/x.conf"} if variable else {},
        is_file=lambda path: str(path) == "/home/li/.config/containers/registries.conf",
    )
    read = [str(layer.path) for layer in podman.layers(machine) if layer.ignored is None]
    user = "/home/li/.config/containers/registries.conf"
    ours = ".d/50-mirrorcfg.conf"
    system = f"/etc/containers/registries.conf{ours}"
    assert read == (["/x.conf", system, user + ours] if variable else [user, user + ours])


def test_it_gets_what_docker_gets(box: Sandbox) -> None:
    box.run("use", "china", "--root", str(box.root), "--tool", "podman", code=0)
    ours = box.root / "etc/containers/registries.conf.d/50-mirrorcfg.conf"
    assert podman.read(ours.read_text()) == {"registry-mirrors": ("https://docker.m.daocloud.io",)}


PLACES = [
    ("linux", False, None, "/home/li/.config/containers/registries.conf.d/50-mirrorcfg.conf"),
    ("linux", True, None, "/etc/containers/registries.conf.d/50-mirrorcfg.conf"),
    ("linux", False, "system", "/etc/containers/registries.conf.d/50-mirrorcfg.conf"),
    ("linux", False, "venv", None),
    ("darwin", False, None, None),
]


@pytest.mark.parametrize(("platform", "root", "scope", "expected"), PLACES)
def test_the_file_that_is_written(platform, root, scope, expected) -> None:  # type: ignore[no-untyped-def]
    machine = Machine(platform, PurePosixPath("/home/li"), root_user=root)
    found = next((str(layer.path) for layer in podman.layers(machine, scope) if layer.target), None)
    assert found == expected
