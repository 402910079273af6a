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
        is_dir=lambda path: str(path) in dirs or any(path in plain.path(f).parents for f in files),
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
            "REQUESTS_CA_BUNDLE": "/b.pem",
            "CURL_CA_BUNDLE": "",
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
        "CURL_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
    ]


def test_variables_that_are_empty_count_for_conda() -> None:
    where = machine("linux", {"XDG_CONFIG_HOME": "", "CONDA_PREFIX": "", "CONDARC": ""})
    labels = [layer.label for layer in writer("conda").layers(where)]
    assert labels[4:6] == ["/conda/.condarc", "/conda/condarc"]
    assert labels[-2:] == ["/.condarc", "/condarc"]


def test_which_of_condas_files_may_be_changed_with_the_target() -> None:
    """What conda itself would write: the user's own, and an installation's, but no drop-in and nobody else's."""
    drop_ins = ("/c/condarc.d/x.yml", "/home/li/.conda/condarc.d/x.yml", "/etc/conda/condarc.d/x.yml")
    environ = {"CONDA_EXE": "/c/bin/conda", "CONDA_PREFIX": "/c/envs/a", "XDG_CONFIG_HOME": "/x"}
    layers = writer("conda").layers(machine("linux", environ, files=(*drop_ins, "/c/bin/mamba")))
    assert [layer.label for layer in layers if layer.gives_way] == [
        "/c/.condarc",
        "/c/condarc",
        "/home/li/.config/conda/.condarc",
        "/home/li/.config/conda/condarc",
        "/home/li/.conda/.condarc",
        "/home/li/.conda/condarc",
        "/home/li/.condarc",
    ]
    led = {layer.label: layer.led_by for layer in layers if layer.led_by}
    assert led == dict.fromkeys(["/c/.condarc", "/c/condarc", drop_ins[0]], "CONDA_EXE=/c/bin/mamba")
    assert [layer.label for layer in layers if layer.scope == "system"] == [
        "/etc/conda/.condarc",
        "/etc/conda/condarc",
    ]


MAMBA = ("/usr/local/bin/micromamba",)


def test_mambas_layers_weak_to_strong() -> None:
    """`compute_default_rc_sources` of libmamba's configuration.cpp."""
    drop_ins = (
        "/etc/conda/condarc.d/x.yml",
        "/home/li/.mamba/mambarc.d/x.yml",
        "/home/li/.mamba/mambarc.d/x.txt",
    )
    environ = {
        "MAMBA_ROOT_PREFIX": "/m",
        "CONDA_PREFIX": "/m/envs/a",
        "CONDA_CHANNELS": "a",
        "CONDA_OFFLINE": "1",
    }
    where = machine("linux", environ, (*MAMBA, *drop_ins), programs={"micromamba": MAMBA[0]})
    layers = writer("conda").layers(where)
    assert [layer.label for layer in layers] == [
        "mamba",
        *("/etc/conda/.condarc", "/etc/conda/condarc", drop_ins[0], "/etc/conda/.mambarc"),
        *("/var/lib/conda/.condarc", "/var/lib/conda/condarc", "/var/lib/conda/.mambarc"),
        *("/m/.condarc", "/m/condarc", "/m/.mambarc"),
        *("/home/li/.config/conda/.condarc", "/home/li/.config/conda/condarc"),
        *("/home/li/.conda/.condarc", "/home/li/.conda/condarc", "/home/li/.condarc"),
        *("/m/envs/a/.condarc", "/m/envs/a/condarc"),
        *("/home/li/.config/mamba/.mambarc", "/home/li/.config/mamba/mambarc"),
        *("/home/li/.mamba/.mambarc", "/home/li/.mamba/mambarc", drop_ins[1]),
        *("/home/li/.mambarc", "/m/envs/a/.mambarc", "CONDA_CHANNELS"),
    ]
    assert [layer.label for layer in layers if layer.target] == ["/home/li/.condarc"]
    assert {layer.led_by for layer in layers if layer.gives_way} == {"CONDA_EXE=/m/bin/conda"}


@pytest.mark.parametrize(
    ("environ", "files"),
    [
        (
            {"XDG_CONFIG_HOME": "/x"},
            ["/x/conda/.condarc", "/x/conda/condarc", "/x/mamba/.mambarc", "/x/mamba/mambarc"],
        ),
        ({"MAMBARC": "/one", "CONDARC": "/two"}, ["/one"]),
        ({"CONDARC": "/two"}, ["/two"]),
    ],
)
def test_variables_that_lead_mamba_elsewhere(environ: dict[str, str], files: list[str]) -> None:
    where = machine("linux", environ, MAMBA, programs={"micromamba": MAMBA[0]})
    labels = [layer.label for layer in writer("conda").layers(where)]
    assert [
        label for label in labels if label.startswith(("/x", "/one", "/two", "/home/li/.config"))
    ] == files
    assert len(labels) == (1 + len(files) if "CONDARC" in environ else len(labels))


@pytest.mark.parametrize(
    ("environ", "files", "programs", "tool"),
    [
        ({}, ("/home/li/mambaforge/bin/mamba",), {}, "mamba"),
        ({}, ("/opt/miniforge3/bin/mamba",), {}, "mamba"),
        ({"MAMBA_ROOT_PREFIX": "/m"}, ("/m/bin/micromamba",), {}, "mamba"),
        ({}, MAMBA, {"micromamba": MAMBA[0]}, "mamba"),
        ({}, (*MAMBA, "/opt/conda/bin/conda"), {"micromamba": MAMBA[0]}, None),
        ({}, (*MAMBA, "/home/li/miniconda3/bin/conda"), {"micromamba": MAMBA[0]}, None),
        ({"MAMBA_ROOT_PREFIX": "/m"}, (), {}, None),
    ],
)
def test_mamba_is_here_where_no_conda_is(
    environ: dict[str, str], files: tuple[str, ...], programs: dict[str, str], tool: str | None
) -> None:
    layers = writer("conda").layers(machine("linux", environ, files, programs=programs))
    assert next((layer.label for layer in layers if layer.is_tool), None) == tool


@pytest.mark.parametrize(
    ("environ", "files", "programs", "links", "root"),
    [
        ({"CONDA_ROOT": "/r", "CONDA_EXE": "/c/bin/conda"}, (), {}, {}, "/r"),
        ({"CONDA_EXE": "/c/bin/conda"}, (), {"conda": "/p/bin/conda"}, {}, "/c"),
        ({}, ("/home/li/miniconda3/bin/conda",), {"conda": "/p/bin/conda"}, {}, "/p"),
        ({}, ("/home/li/anaconda3/bin/conda", "/opt/conda/bin/conda"), {}, {}, "/home/li/anaconda3"),
        ({}, ("/opt/miniconda3/bin/conda", "/home/li/miniforge3/bin/mamba"), {}, {}, "/opt/miniconda3"),
        ({}, (), {"conda": "/usr/local/bin/conda"}, {"/usr/local/bin/conda": "/c/bin/conda"}, "/c"),
        ({}, (), {"conda": "/c/bin/conda"}, {"/c/bin/conda": "/store/bin/conda"}, "/c"),
        ({}, ("/home/li/mambaforge/bin/mamba",), {}, {}, "/home/li/mambaforge"),
        ({}, (), {}, {}, None),
    ],
)
def test_where_conda_is_installed(
    environ: dict[str, str],
    files: tuple[str, ...],
    programs: dict[str, str],
    links: dict[str, str],
    root: str | None,
) -> None:
    where = machine("linux", environ, files, dirs=("/c/conda-meta",), programs=programs)
    where = where._replace(resolved=lambda path: PurePosixPath(links.get(str(path), str(path))))
    found = [layer.path for layer in writer("conda").layers(where) if layer.name == "installation"]
    assert (str(found[0].parent) if found and found[0] else None) == root


def test_the_newest_record_is_condas_version() -> None:
    records = (
        "conda-26.9.1-py312_0.json",
        "conda-26.10.0-py312_0.json",
        "conda-build-99.1.0-py312_0.json",
        "history",
    )
    where = machine(
        "linux", {"CONDA_EXE": "/c/bin/conda"}, tuple(f"/c/conda-meta/{name}" for name in records)
    )
    assert writer("conda").layers(where)[0].label == "conda 26.10.0"
