"""Files that are small to send and dear to read: each is judged within a budget, or refused by a code.

The commands run within limits of the kernel's, so that a red test is a failure and no hang.
"""

from __future__ import annotations

import json
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox import PROGRAM, Sandbox

SECONDS, BYTES = (
    5,
    1 << 30,
)  # of the processor, and of addresses: Python and its libraries have 300 MB of them
CEILING = 60  # by the clock: other tests run at the same time
HEAD = 'schema = 1\nname = "acme"\n'
PIP = '[pip]\nindex-url = "https://mirror.example/simple"\n'


def confined(box: Sandbox, *argv: str) -> tuple[int, str | None, str]:
    """The exit code, the error's code and all that was printed, within the limits."""
    done = subprocess.run(
        [PROGRAM, *argv, "--json"],
        env=box.environ,
        cwd=box.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=CEILING,
        preexec_fn=_limit,
    )
    assert done.returncode >= 0, f"killed by signal {-done.returncode}"
    answer = json.loads(done.stdout)
    error = answer["error"]
    code = error["code"] if error else None
    said = json.dumps([error, answer["findings"]])
    assert code != "internal", said
    assert len(said) < 5000, "a sentence quotes the file at length"
    return done.returncode, code, said


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


PROFILES = {
    "a_dotted_key": (HEAD + "a" + ".a" * 32_000 + " = 1\n" + PIP, "profile-syntax"),
    "a_dotted_key_with_blanks": (HEAD + "a" + " . a" * 16_000 + " = 1\n" + PIP, "profile-syntax"),
    "a_dotted_key_in_quotes": (HEAD + '"a"' + '."a"' * 15_000 + " = 1\n" + PIP, "profile-syntax"),
    "a_dotted_header": (HEAD + PIP + "[a" + ".a" * 30_000 + "]\n", "profile-syntax"),
    "keys_below_a_dotted_header": (
        HEAD + PIP + "[a" + ".a" * 300 + "]\n" + "".join(f"k{n} = 1\n" for n in range(6000)),
        "profile-syntax",
    ),
    "a_schema_of_a_thousand_digits": ("schema = 0x" + "f" * 20_000 + '\nname = "acme"\n' + PIP, None),
    "a_key_of_a_page": (HEAD + PIP + "k" * 60_000 + " = 1\n", "unknown-key"),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_from_elsewhere_is_judged_before_it_costs_anything(box: Sandbox, name: str) -> None:
    text, wanted = PROFILES[name]
    file = box.folder / "acme.toml"
    box.write(file, text)
    for argv in (["profile", "add", str(file)], ["profile", "check", str(file)]):
        exit_code, code, said = confined(box, *argv)
        assert exit_code == 1
        assert code == wanted or (wanted is None and code), said


def test_an_update_of_lines_that_are_all_alike_is_shown_in_time(box: Sandbox) -> None:
    """The diff comes before any consent: difflib takes the cube of such a text."""
    lines = [f"#{number % 100}" for number in range(16_000)]
    file = box.folder / "acme.toml"
    box.write(file, HEAD + PIP + "\n".join(lines) + "\n")
    box.run("profile", "add", str(file), "--yes", "--sha256", _digest(file), code=0)
    lines.reverse()
    box.write(file, HEAD + PIP + "\n".join(lines) + "\n")
    confined(box, "profile", "update", "acme")


def test_an_origin_of_brackets(box: Sandbox) -> None:
    file = box.profile("acme", PIP)
    box.write(file.with_name("acme.origin.json"), '{"url": ' + "[" * 30_000 + "]" * 30_000 + "}")
    assert confined(box, "profile", "update", "acme")[1] == "bad-origin"


def _digest(file: Path) -> str:
    from hashlib import sha256

    return sha256(file.read_bytes()).hexdigest()


def _laughs() -> str:
    """Each line has nine of the one above: 4 GB of lol."""
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    return "\n".join(["a0: &a0 [lol]", *rows, ""])


def _merges() -> str:
    rows = [f"a{n}: &a{n}\n  <<: *a{n - 1}\n  k{n}: v" for n in range(1, 2000)]
    return "\n".join(["a0: &a0\n  k0: v", *rows, ""])


def _doubled() -> str:
    rows = [f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]" for n in range(1, 25)]
    return "\n".join(["a0: &a0\n  k: v", *rows, ""])


CONDARC = {
    "a_billion_laughs": (_laughs, "too-complex"),
    "a_chain_of_merge_keys": (_merges, "too-complex"),
    "merge_keys_that_double": (_doubled, "too-complex"),
    "a_list_in_itself": (lambda: "channels: &a [*a]\n", "too-complex"),
    "a_map_in_itself": (lambda: "x: &a {b: *a}\n", "too-complex"),
    "blocks": (lambda: "".join(" " * n + "a:\n" for n in range(300)), "too-deep"),
    "empty_lists": (lambda: "a: [" + "[]," * 100_000 + "]\n", "too-complex"),
    "anchors": (lambda: "".join(f"a{n}: &a{n} x\n" for n in range(30_000)), "too-complex"),
    "empty_lines": (lambda: "a: b\n" + "\n" * 1_000_000 + "c: d\n", "too-complex"),
    "a_line_of_words": (lambda: "a: " + "x " * 500_000 + "\n", "too-complex"),
}
PIP_CONF = {
    "sixty_thousand_options": (lambda: _options(60_000), "file-too-large"),
    "sixty_thousand_sections": (lambda: "".join(f"[s{n}]\n" for n in range(60_000)), "file-too-large"),
    "inherited_options": (
        lambda: "[DEFAULT]\n" + _options(5000)[9:] + "".join(f"[s{n}]\n" for n in range(9000)),
        "too-complex",
    ),
    "blanks_in_a_name": (lambda: "[global]\na" + " " * 60_000 + "b = c\n", "too-complex"),
    "nothing_but_strays": (lambda: "[global]\n" + "x\n" * 125_000, "parse-error"),
    "an_option_of_a_page": (lambda: "[global]\n" + ("k" * 60_000 + " = v\n") * 2, "duplicate-option"),
}
DAEMON = {
    "objects_in_objects": (lambda: '{"a":' * 900 + "1" + "}" * 900, "too-deep"),
    "arrays_in_arrays": (lambda: '{"a": ' + "[" * 900 + "]" * 900 + "}", "too-deep"),
    "a_million_lists": (lambda: '{"a": [' + "[]," * 1_000_000 + "[]]}", "too-complex"),
    "a_key_of_a_page": (lambda: '{"' + "k" * 60_000 + '": 1, "' + "k" * 60_000 + '": 2}', "duplicate-key"),
}
UV = {
    "a_dotted_key": (lambda: "a" + ".a" * 32_000 + " = 1\n", "too-deep"),
    "a_number_of_5000_digits": (lambda: "a = " + "1" * 5000 + "\n", "too-complex"),
    "a_number_of_underscores": (lambda: "a = 1" + "_1" * 30_000 + "\n", "too-complex"),
    "many_tables": (lambda: "[[a]]\n" * 200_000, "file-too-large"),
    "a_table_in_a_table": (lambda: "[a" + ".a" * 5000 + "]\n", "too-deep"),
}


def _options(number: int) -> str:
    return "[global]\n" + "".join(f"key-{each} = v\n" for each in range(number))


def _each(cases: dict[str, tuple[Callable[[], str], str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("make", "wanted"), cases.values(), ids=cases)


def _refused(box: Sandbox, path: Path, text: str, tool: str, wanted: str) -> None:
    raw = box.write(path, text)
    exit_code, code, said = confined(box, "use", "china", "--tool", tool, "--no-verify")
    assert (exit_code, code) == (1, wanted), said
    assert path.read_bytes() == raw
    confined(box, "status")


@_each(CONDARC)
def test_a_condarc(box: Sandbox, make: Callable[[], str], wanted: str) -> None:
    _refused(box, box.condarc, make(), "conda", wanted)


@_each(PIP_CONF)
def test_a_pip_conf(box: Sandbox, make: Callable[[], str], wanted: str) -> None:
    _refused(box, box.pip_conf, make(), "pip", wanted)


@_each(UV)
def test_a_uv_toml(box: Sandbox, make: Callable[[], str], wanted: str) -> None:
    _refused(box, box.home / ".config/uv/uv.toml", make(), "uv", wanted)


@_each(DAEMON)
def test_a_daemon_json_of_an_image(box: Sandbox, make: Callable[[], str], wanted: str) -> None:
    raw = box.write(box.daemon_json, make())
    argv = ("use", "china", "--tool", "docker", "--no-verify", "--root", str(box.root))
    profile = box.profile("acme", '[docker]\nregistry-mirrors = ["https://mirror.example"]\n')
    exit_code, code, said = confined(box, *(str(profile) if each == "china" else each for each in argv))
    assert (exit_code, code) == (1, wanted), said
    assert box.daemon_json.read_bytes() == raw


@pytest.mark.parametrize("argv", [("status",), ("use", "china", "--tool", "podman", "--no-verify")])
def test_a_registries_conf_of_an_image(box: Sandbox, argv: tuple[str, ...]) -> None:
    raw = box.write(box.root / "etc/containers/registries.conf", "a" + ".a" * 32_000 + " = 1\n")
    _, _, said = confined(box, *argv, "--root", str(box.root))
    assert "too-deep" in said
    assert (box.root / "etc/containers/registries.conf").read_bytes() == raw


@pytest.mark.parametrize("argv", [("status",), ("use", "acme", "--tool", "containerd", "--no-verify")])
def test_a_hosts_toml_of_an_image(box: Sandbox, argv: tuple[str, ...]) -> None:
    box.profile("acme", '[containerd]\nregistry-mirrors = ["https://mirror.example"]\n')
    path = box.root / "etc/containerd/certs.d/docker.io/hosts.toml"
    raw = box.write(path, 'server = "https://registry-1.docker.io"\nx = ' + "9" * 5000 + "\n")
    _, _, said = confined(box, *argv, "--root", str(box.root))
    assert "too-complex" in said
    assert path.read_bytes() == raw


def test_what_follows_a_switch_is_undone_within_the_budget(box: Sandbox) -> None:
    """Somebody puts a hostile text in the file's place; undo looks at what differs."""
    box.write(box.pip_conf, "[global]\ntimeout = 5\n")
    box.run("use", "china", "--tool", "pip", code=0)
    raw = box.write(box.pip_conf, _options(60_000))
    assert confined(box, "undo")[1] == "file-too-large"
    assert box.pip_conf.read_bytes() == raw


@pytest.mark.parametrize("mixed", [1, 2, 3])
def test_lines_that_are_all_alike_don_t_hold_an_undo(box: Sandbox, mixed: int) -> None:
    """difflib compares each with each, and begins anew with what is left."""
    rows = "".join(f"# x\n# {number}\n" for number in range(900))
    box.write(box.pip_conf, f"# first\n{rows}[global]\ntimeout = 5\n")
    box.run("use", "china", "--tool", "pip", code=0)
    other = "".join(f"# x\n# {number}-{mixed}\n" for number in range(900))
    text = box.pip_conf.read_text().replace("# first\n", "").replace(rows, other)
    box.write(box.pip_conf, text + "# last\n")
    exit_code, code, said = confined(box, "undo")
    assert exit_code == 0, (code, said)
    assert "tuna" not in box.pip_conf.read_text()
    assert other in box.pip_conf.read_text()


def test_a_diff_of_lines_that_are_all_alike(box: Sandbox) -> None:
    rows = "".join(f'    "x{number % 100}",\n' for number in range(100_000))
    raw = box.write(box.daemon_json, f'{{\n  "labels": [\n{rows}    "x"\n  ],\n  "a": 1\n}}\n')
    profile = box.profile("acme", '[docker]\nregistry-mirrors = ["https://mirror.example"]\n')
    argv = ("--tool", "docker", "--root", str(box.root))
    assert confined(box, "diff", str(profile), *argv)[0] == 0
    assert box.daemon_json.read_bytes() == raw


HONEST = {
    "condarc": "channels: &c [defaults]\nothers: *c\nbase: &b {a: 1}\nmore:\n  <<: *b\n  deep: [[[[[[[[[[x]]]]]]]]]]\n",
    "pip.conf": "[global]\ntimeout = 5\n# " + "-" * 3000 + "\n# a" + " " * 150 + "|\n" + "[s]\na = b\n",
    "uv.toml": "[pip]\nconfig-settings.a = 'b.c.d'\nno-binary = ["
    + "'a.b.c.d-1.25', " * 2000
    + "]\nannotation-style = 'line' # "
    + "." * 500
    + "\n",
}


@pytest.mark.parametrize(("name", "tool"), [("condarc", "conda"), ("pip.conf", "pip"), ("uv.toml", "uv")])
def test_honest_files_are_changed_and_given_back(box: Sandbox, name: str, tool: str) -> None:
    """Aliases, merge keys, dots in strings, long comments and many numbers are no attack."""
    path = {"condarc": box.condarc, "pip.conf": box.pip_conf, "uv.toml": box.home / ".config/uv/uv.toml"}[
        name
    ]
    raw = box.write(path, HONEST[name])
    exit_code, _, said = confined(box, "use", "china", "--tool", tool, "--no-verify")
    assert exit_code == 0, said
    assert path.read_bytes() != raw
    assert confined(box, "undo")[0] == 0
    assert path.read_bytes() == raw


def test_an_honest_file_that_is_large(box: Sandbox) -> None:
    """20,000 channels, which a program wrote: conda's own reader needs its time for them."""
    rows = "".join(f"  lab-{n}: https://conda-{n}.example/base  # no. {n}\n" for n in range(6000))
    raw = box.write(box.condarc, f"channels:\n  - defaults\ncustom_channels:\n{rows}")
    assert confined(box, "use", "china", "--tool", "conda", "--no-verify")[0] == 0
    assert box.condarc.read_bytes() != raw
