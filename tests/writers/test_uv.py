"""uv's writer: the table of the default index, and which of uv's layers wins."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from mirrorcfg.formats.past import Past
from mirrorcfg.model.layer import Effective, Layer, Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers import Writer, uv
from tests import parts
from tests.sandbox import PROGRAM, Sandbox, environment
from tests.verifier.lab import Server

WRITER: Writer = uv
MIRROR = "https://mirror.invalid/simple"
A, B = "https://a.invalid/simple", "https://b.invalid/simple"


def default(url: str) -> str:
    return f'[[index]]\nurl = "{url}"\ndefault = true\n'


GOLDEN = [
    ("a new file", "", default(MIRROR)),
    ("the default index", default(A), default(MIRROR)),
    (
        "the user's own index and comments stay",
        '# mine\n[pip]\ncompile-bytecode = true\n\n[[index]]\nname = "lab"  # first\nurl = "https://lab.example"\n',
        '# mine\n[pip]\ncompile-bytecode = true\n\n[[index]]\nname = "lab"  # first\nurl = "https://lab.example"\n\n'
        + default(MIRROR),
    ),
    (
        "an array in one line",
        f"index = [{{ url = '{A}', default = true }}]",
        f"index = [{{ url = '{MIRROR}', default = true }}]",
    ),
]


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_the_index_is_set_and_nothing_else(before: str, after: str) -> None:
    assert uv.edit(before, {"index-url": MIRROR}) == after
    assert uv.edit(after, {"index-url": MIRROR}) == after
    assert uv.revert(after, after, before) == before


def test_default_takes_the_table_away() -> None:
    assert uv.edit(f"# mine\n{default(A)}", {}).strip() == "# mine"


def test_find_links_that_an_earlier_profile_set_go() -> None:
    left = uv.edit("", {"index-url": MIRROR, "find-links": ("/w",)})
    assert '"/w"' in left
    assert "/w" not in uv.edit(left, {"index-url": A}, Past("", left))


def merged(files: dict[str, str], variables: dict[str, str] | None = None) -> Effective:
    readings = [
        Reading(Layer(name, PurePosixPath("/", name, "uv.toml")), uv.read(text))
        for name, text in files.items()
    ]
    readings += [
        Reading(Layer(name, variable=name, value=value)) for name, value in (variables or {}).items()
    ]
    return uv.effective(readings)


# Weak to strong; each was tried on the real uv, and is tried again by the test below.
LAYERS: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "user over system": ({"system": default(B), "user": default(A)}, {}, A),
    "an index over any index-url": ({"system": default(A), "user": f'index-url = "{B}"'}, {}, A),
    "[pip] over the top": ({"user": f'index-url = "{B}"\n[pip]\nindex-url = "{A}"\n'}, {}, A),
    "the first of two": ({"user": default(A) + default(B)}, {}, A),
    "a project over the user": ({"user": default(B), "project": default(A)}, {}, A),
    "UV_DEFAULT_INDEX": ({"user": default(B)}, {"UV_DEFAULT_INDEX": A}, A),
    "UV_INDEX_URL": ({"user": default(B)}, {"UV_INDEX_URL": A}, A),
    "both variables": ({}, {"UV_INDEX_URL": B, "UV_DEFAULT_INDEX": A}, A),
}


@pytest.mark.parametrize("case", LAYERS)
def test_which_layer_wins(case: str) -> None:
    files, variables, expected = LAYERS[case]
    assert merged(files, variables).settings["index-url"] == expected


@pytest.mark.parametrize("case", LAYERS)
def test_the_real_uv_asks_the_same(case: str, tmp_path: Path) -> None:
    files, variables, expected = LAYERS[case]
    places = {"system": "xdg/uv/uv.toml", "user": ".config/uv/uv.toml", "project": "project/uv.toml"}
    for name, text in files.items():
        (tmp_path / places[name]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / places[name]).write_text(text)
    (tmp_path / "project").mkdir(exist_ok=True)
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")} | variables
    assert asked(tmp_path / "project", environ) == expected


def asked(folder: Path, environ: dict[str, str]) -> str:
    """The index that the real uv asks for a package, told by its log; it gets no answer from `.invalid`."""
    done = subprocess.run(
        [parts.program("uv"), "pip", "install", "--dry-run", "-v", "--target", "t", "some-package"],
        cwd=folder,
        env=environment() | environ | {"UV_HTTP_RETRIES": "0"},
        capture_output=True,
        text=True,
    )
    lines = [word for word in done.stderr.split() if word.startswith("https://") and "some-package" in word]
    assert lines, done.stderr
    return lines[0].partition("/some-package")[0]


def index(name: str, *lines: str) -> str:
    return "\n".join(["[[index]]", f'url = "@{name}"', *lines, ""])


DEFAULT, NOTHING = "default = true", "[project]\nname = 'x'\nversion = '1'\n"
# Files by place, variables, and what uv asks, in its order; "@" is the server that answers 404 to all.
ORDER: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "each layer, the strongest first": (
        {"system": index("s"), "user": index("a") + index("b") + index("d", DEFAULT), "project": index("p")},
        {}, "p a b s d",
    ),
    "variables before files": (
        {"user": index("a") + index("d", DEFAULT)},
        {"UV_INDEX": "@e n=@f", "UV_EXTRA_INDEX_URL": "@x", "UV_DEFAULT_INDEX": "@v"}, "e f x a v",
    ),
    "extra ones": (
        {"user": 'index-url = "@i"\nextra-index-url = ["@x"]\n' + index("a") + '[pip]\nextra-index-url = ["@p"]'},
        {}, "a p x i",
    ),
    "extra ones of two layers": (
        {"system": 'extra-index-url = ["@s"]', "user": 'index-url = "@i"\nextra-index-url = ["@u"]'}, {}, "u s i",
    ),
    "a weaker layer's index, and a stronger one's extra": (
        {"system": index("s"), "user": 'index-url = "@i"\nextra-index-url = ["@u"]'}, {}, "s u i",
    ),
    "an explicit one": ({"user": index("a", "explicit = true", "name = 'e'") + index("d", DEFAULT)}, {}, "d"),
    "a name taken twice": (
        {"user": index("a", "name = 'n'") + index("d", DEFAULT), "project": index("p", "name = 'n'")}, {}, "p d",
    ),
    "no file": ({"user": index("a")}, {"UV_NO_CONFIG": "1", "UV_DEFAULT_INDEX": "@v"}, "v"),
    "two defaults": ({"user": index("d", DEFAULT) + index("c", DEFAULT) + index("a")}, {}, "a d"),
    "a project that says nothing": ({"pyproject": NOTHING, "parent": index("a"), "user": index("d", DEFAULT)}, {}, "a d"),
    "a project that says something": (
        {"pyproject": NOTHING + "[[tool.uv.index]]\nurl = '@q'\n", "parent": index("a"), "user": index("d", DEFAULT)},
        {}, "q d",
    ),
    "a workspace": (
        {"root": "[tool.uv.workspace]\nmembers = ['b']\n", "parent": index("r"), "user": index("d", DEFAULT),
         "pyproject": NOTHING + "[[tool.uv.index]]\nurl = '@m'\n"},
        {}, "r d",
    ),
    "a workspace that it is no member of": (
        {"root": "[tool.uv.workspace]\nmembers = ['*']\nexclude = ['b']\n", "parent": index("r"), "user": index("d", DEFAULT),
         "pyproject": NOTHING + "[[tool.uv.index]]\nurl = '@m'\n"},
        {}, "m d",
    ),
    "a uv.toml below the project": (
        {"root": NOTHING, "parent": index("r"), "project": index("p"), "user": index("d", DEFAULT)}, {}, "r d",
    ),
    "a uv.toml below what is no project": (
        {"root": "[tool.x]\n", "parent": index("r"), "project": index("p"), "user": index("d", DEFAULT)}, {}, "p d",
    ),
    "a uv.toml beside a pyproject.toml": (
        {"pyproject": NOTHING + "[[tool.uv.index]]\nurl = '@q'\n", "project": index("p"), "user": index("d", DEFAULT)}, {}, "p d",
    ),
    "a project without a version": (
        {"root": "[project]\nname = 'x'\n", "parent": index("r"), "project": index("p"), "user": index("d", DEFAULT)}, {}, "p d",
    ),
    "a project that gives two indexes one name": (
        {"root": NOTHING + 2 * "[[tool.uv.index]]\nurl = '@q'\nname = 'n'\n", "project": index("p"), "user": index("d", DEFAULT)},
        {}, "p d",
    ),
    "a project with a broken index": (
        {"root": NOTHING + "[[tool.uv.index]]\nname = 'n'\n", "project": index("p"), "user": index("d", DEFAULT)}, {}, "p d",
    ),
    "an unmanaged project": (
        {"root": NOTHING + "[tool.uv]\nmanaged = false\n", "project": index("p"), "user": index("d", DEFAULT)}, {}, "p d",
    ),
    "a pyproject.toml that can't be read": (
        {"pyproject": "[project\n", "parent": index("r"), "user": index("d", DEFAULT)}, {}, "r d",
    ),
    "a pyproject.toml with a field that uv doesn't know": (
        {"pyproject": NOTHING + "[tool.uv]\nfrobnicate = 1\nindex-url = '@x'\n", "parent": index("r"), "user": index("d", DEFAULT)},
        {}, "r d",
    ),
    "an explicit default": ({"user": index("d", DEFAULT, "explicit = true", "name = 'd'") + index("a")}, {}, "a"),
    "a variable takes the default's name": (
        {"user": index("d", DEFAULT, "name = 'd'") + index("a")}, {"UV_INDEX": "d=@v", "UV_INDEX_URL": "@i"}, "v a i",
    ),
    "an index by its name": (
        {"user": index("e", "explicit = true", "name = 'lab'") + index("d", DEFAULT)}, {"UV_INDEX": "lab"}, "e d",
    ),
    "no-index, taken back": ({"user": "no-index = true\n" + index("d", DEFAULT), "project": "no-index = false\n"}, {}, "d"),
    "no-index of [pip] stays": (
        {"user": index("d", DEFAULT) + "[pip]\nno-index = true\n", "project": "no-index = false\n"}, {}, "",
    ),
    "offline": ({"user": "offline = true\n" + index("d", DEFAULT)}, {}, ""),
    "offline, taken back": ({"user": "offline = true\n" + index("d", DEFAULT)}, {"UV_OFFLINE": "0"}, "d"),
    "no system's file": ({"system": index("s"), "user": index("d", DEFAULT)}, {"UV_NO_SYSTEM_CONFIG": "1"}, "d"),
    "one file by name, and no file at all": (
        {"project": index("p", DEFAULT), "user": index("d", DEFAULT)}, {"UV_NO_CONFIG": "1", "UV_CONFIG_FILE": "uv.toml"}, "p",
    ),
    "another project's folder": (
        {"project": index("p"), "elsewhere": index("e"), "user": index("d", DEFAULT)}, {"UV_PROJECT": "../../c"}, "e d",
    ),
    "another folder to work in": (
        {"project": index("p"), "elsewhere": index("e"), "user": index("d", DEFAULT)}, {"UV_WORKING_DIR": "../../c"}, "e d",
    ),
    "the same twice": ({"user": index("a") + index("d", DEFAULT)}, {"UV_INDEX": "@d @a @d"}, "d a"),
    "a project with other settings": (
        {"pyproject": NOTHING + "[tool.uv]\nmanaged = true\n", "parent": index("a"), "user": index("d", DEFAULT)}, {}, "d",
    ),
}  # fmt: skip
PLACED = {
    "system": "xdg/uv/uv.toml", "user": ".config/uv/uv.toml", "project": "a/b/uv.toml",
    "pyproject": "a/b/pyproject.toml", "parent": "a/uv.toml", "root": "a/pyproject.toml", "elsewhere": "c/uv.toml",
}  # fmt: skip


@pytest.mark.parametrize("case", ORDER)
def test_status_names_what_the_real_uv_asks_in_its_order(case: str, box: Sandbox) -> None:
    files, variables, order = ORDER[case]
    with Server(None, {}) as server:
        for name, text in files.items():
            box.write(box.home / PLACED[name], text.replace("@", f"{server.url}/"))
        environ = {name: value.replace("@", f"{server.url}/") for name, value in variables.items()}
        environ |= {"XDG_CONFIG_DIRS": str(box.home / "xdg"), "HOME": str(box.home)}
        project = box.home / "a/b"
        project.mkdir(parents=True, exist_ok=True)
        asked_for(project, environ)
        asked = list(dict.fromkeys(each.path.split("/")[1] for each in server.seen))
        done = subprocess.run(
            [PROGRAM, "status", "--tool", "uv", "--json"],
            cwd=project, env=box.environ | environ, capture_output=True, text=True,
        )  # fmt: skip
        said = json.loads(done.stdout)["data"]["tools"]["uv"]["effective"]
    assert asked == order.split()
    assert [url.rpartition("/")[2] for url in said] == asked


def asked_for(folder: Path, environ: dict[str, str]) -> None:
    """Have the real uv look for a package that nobody has."""
    subprocess.run(
        [parts.program("uv"), "pip", "install", "--dry-run", "--target", "t", "some-package"],
        cwd=folder,
        env=environment() | environ | {"UV_HTTP_RETRIES": "0", "UV_CACHE_DIR": str(folder / "cache")},
        capture_output=True,
    )


def test_what_comes_before_the_default_is_named_and_asked(box: Sandbox) -> None:
    box.write(
        box.home / ".config/uv/uv.toml", '[[index]]\nname = "ours"\nurl = "https://ours.invalid/simple"\n'
    )
    box.profile("acme", f'[pip]\nindex-url = "{MIRROR}"\n')
    answer = box.json("use", "acme", "--tool", "uv", code=0)
    assert answer["data"]["tools"]["uv"]["effective"] == ["https://ours.invalid/simple", MIRROR]
    assert [each["code"] for each in answer["findings"]] == ["asked-first", "not-verified"]
    verdicts = box.json("verify", "--tool", "uv", "--timeout", "3", code=3)["data"]["sources"]
    assert (verdicts[0]["role"], verdicts[0]["url"]) == ("index", "https://ours.invalid/simple")


# A text, the line and the key that mirrorcfg refuses it for; the real uv fails with each, and names the same line.
REFUSED: dict[str, tuple[str, int, str]] = {
    "a pyproject.toml saved as uv.toml": ("[tool.uv]\nindex-url = 'https://a.invalid/simple'\n", 1, "tool"),
    "a project's": ("# mine\n[project]\nname = 'x'\n", 2, "project"),
    "an underscore": ("offline = false\nindex_url = 'https://a.invalid/simple'\n", 2, "index_url"),
    "a field that no uv knows": ("offline = false\nfrobnicate = 1\n", 2, "frobnicate"),
    "one in [pip]": ("[pip]\nstrict = true\nFind-Links = []\n", 3, "pip.Find-Links"),
    "an index of [pip]": ("[[pip.index]]\nurl = 'https://a.invalid/simple'\n", 1, "pip.index"),
    "a text for a flag": ("no-index = 'yes'\n", 1, "no-index"),
    "a list for a text": ("\nindex-url = ['https://a.invalid']\n", 2, "index-url"),
    "a text for a list": ("find-links = 'https://a.invalid'\n", 1, "find-links"),
    "an index without a url": ("[[index]]\nname = 'x'\n", 1, "index"),
    "a name that is none": ("[[index]]\nurl = 'https://a.invalid'\nname = 'a b'\n", 3, "index.name"),
    "no TOML": ("[[index]]\nurl = \n", 2, ""),
}
PROJECTS = {
    "sources": "[sources]\n",
    "workspace": "[workspace]\n",
    "managed": "managed = true\n",
    "package": "package = true\n",
}
REFUSED |= {f"a project's {name}": (text, 1, name) for name, text in PROJECTS.items()}


@pytest.mark.parametrize("place", ["user", "system", "project"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_for_which_uv_fails_is_refused(case: str, place: str, box: Sandbox) -> None:
    text, line, key = REFUSED[case]
    file = box.home / PLACED[place]
    box.write(file, text)
    project = box.home / "a/b"
    project.mkdir(parents=True, exist_ok=True)
    environ = box.environ | {"XDG_CONFIG_DIRS": str(box.home / "xdg")}
    real = subprocess.run(
        [parts.program("uv"), "pip", "list"],
        cwd=project,
        env=environment() | environ,
        capture_output=True,
        text=True,
    )
    assert real.returncode == 2
    assert f"line {line}" in real.stderr or "not allowed" in real.stderr
    for words in (["status"], ["use", "tsinghua", "--no-verify", "--yes"]):
        done = subprocess.run(
            [PROGRAM, *words, "--tool", "uv", "--json"],
            cwd=project,
            env=environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        answer = json.loads(done.stdout)
        error = answer["error"] or answer["findings"][0]
        assert error["code"] in ("unknown-field", "bad-value", "parse-error")
        assert error["path"].partition(":")[0] == str(file)
        assert error.get("line", int((error["path"] + ":").split(":")[1] or 0)) == line
    if answer["error"]["key"] is not None:
        assert answer["error"]["key"] == key
    assert file.read_text() == text
    assert place == "user" or not (box.home / PLACED["user"]).exists()


def test_a_file_that_uv_passes_over_just_now_is_refused_too(box: Sandbox) -> None:
    box.write(box.home / ".config/uv/uv.toml", "[tool.uv]\nindex-url = 'https://a.invalid/simple'\n")
    answer = box.json("use", "tsinghua", "--tool", "uv", environ={"UV_NO_CONFIG": "1"}, code=1)
    assert (answer["error"]["code"], answer["error"]["line"]) == ("unknown-field", 1)


VARIABLES = {
    "UV_NO_CONFIG": "maybe", "UV_OFFLINE": "maybe", "UV_NO_SYSTEM_CONFIG": "", "UV_CONFIG_FILE": "none.toml",
    "UV_PROJECT": "none", "UV_WORKING_DIR": "none",
}  # fmt: skip


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_for_which_uv_fails_is_said(name: str, box: Sandbox) -> None:
    environ = {name: VARIABLES[name]}
    real = subprocess.run(
        [parts.program("uv"), "pip", "list"], cwd=box.folder, env=environment() | environ, capture_output=True
    )
    assert real.returncode == 2
    answer = box.json("status", "--tool", "uv", environ=environ, code=1)
    assert [(each["code"], each["path"]) for each in answer["findings"]] == [("bad-variable", name)]


def test_a_field_that_a_newer_uv_may_know_is_said_and_no_more(box: Sandbox) -> None:
    """Without uv's own folder of metadata nobody knows which version it is."""
    program = box.folder / "alone/uv"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {parts.program("uv")} "$@"\n')
    program.chmod(0o755)
    box.environ["PATH"] = f"{program.parent}:/usr/bin:/bin"
    file = box.home / ".config/uv/uv.toml"
    box.write(file, "frobnicate = 1\n")
    box.profile("acme", f'[pip]\nindex-url = "{MIRROR}"\n')
    for words in (["status"], ["use", "acme", "--no-verify", "--yes"]):
        answer = box.json(*words, "--tool", "uv", code=0)
        [found] = [each for each in answer["findings"] if each["code"] == "doubtful"]
        assert found["path"] == f"{file}:1"
    assert file.read_text().startswith("frobnicate = 1\n")
    box.write(file, "index_url = 'https://a.invalid/simple'\n")  # that none will ever know
    assert box.json("status", "--tool", "uv", code=1)["findings"][0]["code"] == "unknown-field"


def test_switched_by_mirrorcfg_the_real_uv_asks_the_new_index(box: Sandbox) -> None:
    box.profile("acme", f'[pip]\nindex-url = "{MIRROR}"\n')
    box.run("use", "acme", "--tool", "uv", code=0)
    assert asked(box.folder, {"HOME": str(box.home), "XDG_CONFIG_DIRS": "/nonexistent"}) == MIRROR
    box.run("undo", code=0)
    assert not (box.home / ".config/uv/uv.toml").exists()


def test_a_variable_that_wins_is_named(box: Sandbox) -> None:
    answer = box.json("use", "tsinghua", "--tool", "uv", environ={"UV_DEFAULT_INDEX": A}, code=3)
    assert answer["data"]["tools"]["uv"]["shadowed_by"] == ["UV_DEFAULT_INDEX"]


@pytest.mark.parametrize("variable", ["UV_NO_CONFIG", "UV_CONFIG_FILE"])
def test_a_variable_that_hides_the_file_is_named(box: Sandbox, variable: str) -> None:
    box.write(box.folder / "other.toml", default(A))
    value = str(box.folder / "other.toml") if variable == "UV_CONFIG_FILE" else "1"
    answer = box.json("use", "tsinghua", "--tool", "uv", environ={variable: value}, code=3)
    assert answer["data"]["tools"]["uv"]["shadowed_by"] == [variable]


def test_official_over_a_weaker_mirror_writes_uvs_own_default(box: Sandbox) -> None:
    box.write(box.folder / "xdg/uv/uv.toml", default(A))
    box.run("use", "official", "--tool", "uv", code=0)
    helped = subprocess.run(
        [parts.program("uv"), "pip", "install", "--help"], capture_output=True, text=True
    ).stdout
    assert (
        f"by default: <{uv.read((box.home / '.config/uv/uv.toml').read_text())['index'][0].removeprefix('default ')}>"
        in helped
    )


PLACES = [
    ("linux", "/home/li", {}, "user", "/home/li/.config/uv/uv.toml"),
    ("linux", "/home/li", {"XDG_CONFIG_HOME": "/x"}, None, "/x/uv/uv.toml"),
    ("linux", "/home/li", {}, "system", "/etc/uv/uv.toml"),
    ("darwin", "/Users/li", {}, None, "/Users/li/.config/uv/uv.toml"),
    ("linux", "/home/li", {}, "venv", None),
]


@pytest.mark.parametrize(("platform", "home", "environ", "scope", "expected"), PLACES)
def test_the_file_that_is_written(platform, home, environ, scope, expected) -> None:  # type: ignore[no-untyped-def]
    machine = Machine(platform, PurePosixPath(home), environ=environ)
    found = next((str(layer.path) for layer in uv.layers(machine, scope) if layer.target), None)
    assert found == expected
