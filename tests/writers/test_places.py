"""Where each tool's files are: a table by platform, as the tools' own documentation has it."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.writers import writer

HOMES: dict[str, PurePath] = {
    "linux": PurePosixPath("/home/li"),
    "darwin": PurePosixPath("/Users/li"),
    "win32": PureWindowsPath(r"C:\Users\li"),
}


def machine(
    platform: str,
    environ: dict[str, str] | None = None,
    files: tuple[str, ...] = (),
    dirs: tuple[str, ...] = (),
    programs: dict[str, str] | None = None,
    root_user: bool = False,
) -> Machine:
    plain = Machine(platform, HOMES[platform])
    return Machine(
        platform,
        HOMES[platform],
        environ=environ or {},
        is_file=lambda path: str(path) in files,
        is_dir=lambda path: str(path) in dirs,
        names=lambda path: tuple(PurePath(f).name for f in files if str(plain.path(f).parent) == str(path)),
        which=lambda program: plain.path(programs[program]) if programs and program in programs else None,
        root_user=root_user,
    )


def target(tool: str, where: Machine, scope: Scope | None = None) -> str | None:
    return next((str(layer.path) for layer in writer(tool).layers(where, scope) if layer.target), None)


TARGETS = [
    ("pip", "linux", None, {}, (), "/home/li/.config/pip/pip.conf"),
    ("pip", "linux", "user", {"XDG_CONFIG_HOME": "/x"}, (), "/x/pip/pip.conf"),
    ("pip", "linux", "user", {}, ("/home/li/.pip/pip.conf",), "/home/li/.pip/pip.conf"),
    ("pip", "linux", "user", {}, ("/home/li/.pip/pip.conf", "/home/li/.config/pip/pip.conf"), "/home/li/.config/pip/pip.conf"),
    ("pip", "linux", "system", {}, (), "/etc/pip.conf"),
    ("pip", "linux", "venv", {}, (), None),
    ("pip", "linux", "venv", {"VIRTUAL_ENV": "/v"}, (), "/v/pip.conf"),
    ("pip", "linux", "venv", {"CONDA_PREFIX": "/c/envs/a"}, (), "/c/envs/a/pip.conf"),
    ("pip", "darwin", "user", {}, (), "/Users/li/.config/pip/pip.conf"),
    ("pip", "darwin", "system", {}, (), "/Library/Application Support/pip/pip.conf"),
    ("pip", "win32", "user", {"APPDATA": r"D:\r"}, (), r"D:\r\pip\pip.ini"),
    ("pip", "win32", "user", {}, (), r"C:\Users\li\AppData\Roaming\pip\pip.ini"),
    ("pip", "win32", "system", {}, (), r"C:\ProgramData\pip\pip.ini"),
    ("pip", "win32", "venv", {"VIRTUAL_ENV": r"C:\v"}, (), r"C:\v\pip.ini"),
    ("conda", "linux", None, {}, (), "/home/li/.condarc"),
    ("conda", "linux", "user", {"CONDARC": "/x/my.yml"}, (), "/x/my.yml"),
    ("conda", "linux", "user", {}, ("/home/li/.conda/.condarc",), "/home/li/.condarc"),
    ("conda", "linux", "system", {}, (), "/etc/conda/.condarc"),
    ("conda", "linux", "system", {}, ("/etc/conda/condarc",), "/etc/conda/condarc"),
    ("conda", "linux", "venv", {"CONDA_PREFIX": "/c"}, (), "/c/.condarc"),
    ("conda", "linux", "venv", {}, (), None),
    ("conda", "darwin", "user", {}, (), "/Users/li/.condarc"),
    ("conda", "win32", "user", {}, (), r"C:\Users\li\.condarc"),
    ("conda", "win32", "system", {}, (), r"C:\ProgramData\conda\.condarc"),
    ("docker", "linux", None, {}, (), "/etc/docker/daemon.json"),
    ("docker", "linux", "user", {}, (), "/home/li/.config/docker/daemon.json"),
    ("docker", "linux", None, {"DOCKER_HOST": "unix:///run/user/1000/docker.sock"}, (), "/home/li/.config/docker/daemon.json"),
    ("docker", "linux", None, {}, ("/home/li/.config/docker/daemon.json",), "/home/li/.config/docker/daemon.json"),
    ("docker", "linux", None, {"DOCKER_HOST": "unix:///home/li/.docker/desktop/docker.sock"}, (), "/home/li/.docker/daemon.json"),
    ("docker", "linux", "venv", {}, (), None),
    ("docker", "darwin", None, {}, (), "/Users/li/.docker/daemon.json"),
    ("docker", "darwin", "system", {}, (), None),
    ("docker", "win32", None, {}, (), r"C:\ProgramData\docker\config\daemon.json"),
    ("docker", "win32", "user", {}, (), r"C:\Users\li\.docker\daemon.json"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "platform", "scope", "environ", "files", "expected"), TARGETS)
def test_the_file_that_is_written(
    tool: str,
    platform: str,
    scope: Scope | None,
    environ: dict[str, str],
    files: tuple[str, ...],
    expected: str | None,
) -> None:
    assert target(tool, machine(platform, environ, files), scope) == expected


@pytest.mark.parametrize(
    ("tool", "where", "scope", "expected"),
    [
        ("docker", machine("linux", root_user=True), None, "/etc/docker/certs.d/h:5000/ca.crt"),
        ("docker", machine("linux"), "user", "/home/li/.config/docker/certs.d/h:5000/ca.crt"),
        ("docker", machine("linux", {"XDG_CONFIG_HOME": "/x"}), "user", "/x/docker/certs.d/h:5000/ca.crt"),
        ("docker", machine("linux", root_user=True), "user", "/home/li/.config/docker/certs.d/h:5000/ca.crt"),
        ("docker", machine("linux"), "venv", None),
        (
            "docker",
            machine("linux", dirs=("/var/snap/docker/current",), root_user=True),
            None,
            "/var/snap/docker/current/etc/docker/certs.d/h:5000/ca.crt",
        ),
        ("docker", machine("darwin"), None, "/Users/li/.docker/certs.d/h:5000/ca.crt"),
        ("docker", machine("win32"), None, r"C:\ProgramData\docker\certs.d\h5000\ca.crt"),
        ("podman", machine("linux"), None, "/home/li/.config/containers/certs.d/h:5000/ca.crt"),
        ("podman", machine("linux", root_user=True), None, "/etc/containers/certs.d/h:5000/ca.crt"),
        (
            "podman",
            machine("linux", root_user=True),
            "user",
            "/home/li/.config/containers/certs.d/h:5000/ca.crt",
        ),
        ("podman", machine("darwin"), None, None),
        ("containerd", machine("linux"), None, None),
        ("pip", machine("linux"), None, None),
    ],
)
def test_where_a_ca_for_one_host_is(
    tool: str, where: Machine, scope: Scope | None, expected: str | None
) -> None:
    found = writer(tool).ca_file(where, "h:5000", scope)
    assert (None if found is None else str(found)) == expected


def test_macos_pip_takes_the_library_folder_where_it_exists() -> None:
    support = "/Users/li/Library/Application Support/pip"
    assert target("pip", machine("darwin", dirs=(support,))) == f"{support}/pip.conf"


def test_snap_docker_has_its_own_file() -> None:
    snap = machine("linux", dirs=("/var/snap/docker/current",), root_user=True)
    assert target("docker", snap) == "/var/snap/docker/current/config/daemon.json"


def test_desktop_docker_on_linux() -> None:
    desktop = machine("linux", dirs=("/home/li/.docker/desktop",))
    assert target("docker", desktop) == "/home/li/.docker/daemon.json"


def test_pips_layers_weak_to_strong() -> None:
    where = machine(
        "linux",
        {"XDG_CONFIG_DIRS": "/a:/b", "VIRTUAL_ENV": "/v", "PIP_CONFIG_FILE": "/f", "PIP_INDEX_URL": "u"},
    )
    assert [layer.label for layer in writer("pip").layers(where)] == [
        "/a/pip/pip.conf",
        "/b/pip/pip.conf",
        "/etc/pip.conf",
        "/home/li/.pip/pip.conf",
        "/home/li/.config/pip/pip.conf",
        "/v/pip.conf",
        "/f",
        "PIP_INDEX_URL",
    ]


def test_condas_layers_weak_to_strong() -> None:
    where = machine(
        "linux",
        {
            "CONDA_EXE": "/c/bin/conda",
            "CONDA_PREFIX": "/c/envs/a",
            "CONDARC": "/x/my.yml",
            "CONDA_CHANNELS": "a,b",
        },
        files=(
            "/etc/conda/condarc.d/10.yml",
            "/etc/conda/condarc.d/notes.txt",
            "/etc/conda/condarc.d/05.yaml",
        ),
    )
    assert [layer.label for layer in writer("conda").layers(where)] == [
        "/etc/conda/.condarc",
        "/etc/conda/condarc",
        "/etc/conda/condarc.d/05.yaml",
        "/etc/conda/condarc.d/10.yml",
        "/var/lib/conda/.condarc",
        "/var/lib/conda/condarc",
        "/c/.condarc",
        "/c/condarc",
        "/home/li/.config/conda/.condarc",
        "/home/li/.config/conda/condarc",
        "/home/li/.conda/.condarc",
        "/home/li/.conda/condarc",
        "/home/li/.condarc",
        "/c/envs/a/.condarc",
        "/c/envs/a/condarc",
        "/x/my.yml",
        "CONDA_CHANNELS",
    ]
