"""No credential is shown, however it is spelt, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json
import random
import string
import time
from collections.abc import Callable

import pytest

from mirrorcfg.cli import render
from mirrorcfg.cli.answer import Answer
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.redact import MASK, masked, redact
from mirrorcfg.store.sealed import seal, unseal
from tests import payloads
from tests.drawers import DRAWERS
from tests.sandbox import Sandbox

SECRET = "Zq7hunter2Zq7"


def hidden(box: Sandbox, *runs: tuple[str, ...], **environ: str) -> None:
    """Neither for people nor as JSON."""
    for argv in runs:
        for more in ((), ("--json",)):
            done = box.run(*argv, *more, environ=environ)
            assert SECRET not in done.out + done.err, (argv, done)


LOOKS = (("status",), ("status", "--explain"), ("diff", "tsinghua", "--tool", "pip"))


@pytest.mark.parametrize(
    "address",
    [
        "https:\\/\\/u:{}@a.example\\/x",
        "https\\u003a\\u002f\\u002fu\\u003a{}\\u0040a.example",
        "https://a.example/x?anything={}",
    ],
)
def test_an_escaped_address_in_json(box: Sandbox, address: str) -> None:
    other = address.format(SECRET)
    box.write(
        box.daemon_json, f'{{\n  "log-opts": {{"url": "{other}"}},\n  "registry-mirrors": ["{other}"]\n}}\n'
    )
    root = ("--root", str(box.root), "--tool", "docker")
    hidden(box, ("diff", "china", *root), ("status", "--explain", *root))


def test_an_escaped_name_in_json(box: Sandbox) -> None:
    box.write(box.daemon_json, f'{{\n  "log-opts": {{"pass\\u0077ord": "{SECRET}"}},\n  "debug": true\n}}\n')
    hidden(box, ("diff", "china", "--root", str(box.root), "--tool", "docker"))


def test_a_nested_one_in_json(box: Sandbox) -> None:
    nested = {"token": {"a": {"b": [1, {"c": SECRET}]}}}
    box.write(box.daemon_json, json.dumps({"log-opts": nested, "debug": True}, indent=1))
    hidden(box, ("diff", "china", "--root", str(box.root), "--tool", "docker"))


@pytest.mark.parametrize(
    "text",
    [
        'extra-index-url = ["https:\\u002f\\u002fu:{}\\u0040a.example/simple"]\n',
        'x = """\nhttps://u:{}@a.example/x\n"""\n',
        'password = """\n{}\n"""\n',
        "token = '''\n{}\n'''\n",
        '"pass\\u0077ord" = "a {}"\n',
    ],
)
def test_an_escaped_one_in_toml(box: Sandbox, text: str) -> None:
    path = box.profile("acme", "# " + text.format(SECRET).replace("\n", "\n# ") + "\n" + text.format(SECRET))
    hidden(box, ("profile", "show", "acme"), ("profile", "check", "acme"), ("profile", "remove", "acme"))
    assert not path.exists() or SECRET in path.read_text()


@pytest.mark.parametrize(
    "tail", ["simple?sig={}", "simple?x={}&ref=main", "t/{}/conda", "t/tk-{}/conda", "{}@b/"]
)
def test_an_address_of_a_variable(box: Sandbox, tail: str) -> None:
    address = f"https://a.example/{tail}" if "@" not in tail else f"https://me:{tail}"
    hidden(box, *LOOKS, PIP_INDEX_URL=address.format(SECRET), CONDA_CHANNEL_ALIAS=address.format(SECRET))


def test_a_line_of_a_hunk_whose_name_is_further_up(box: Sandbox) -> None:
    below = "\n".join(f"    {word}" for word in ("a", "b", "c", "d", SECRET))
    box.write(box.pip_conf, f"[global]\npassword =\n{below}\nindex-url = https://a.example/simple\n")
    hidden(box, *LOOKS)


def test_a_key_that_is_an_address(box: Sandbox) -> None:
    assert SECRET not in json.dumps(masked({f"https://me:{SECRET}@a.example": {"x": 1}}))


def test_a_list_at_the_column_of_its_name(box: Sandbox) -> None:
    box.write(box.condarc, f"token:\n- {SECRET}\nchannels:\n- defaults\n")
    hidden(box, ("diff", "tsinghua", "--tool", "conda"), ("status", "--explain"))


TOKENS = [
    form.replace("{}", SECRET)
    for form in (
        *("ghp_{}", "gho_{}", "ghs_{}", "github_pat_{}", "glpat-{}", "pypi-AgEI{}", "dckr_pat_{}", "LTAI{}"),
        *("AKCp{}", "cmVmdGtu{}", "xoxb-{}", "hf_{}abcdef", "npm_{}abcdef", "sk-{}abcdef", "eyJ{}.eyJ{}.{}"),
        "Bearer {}",
    )
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_that_tells_what_it_is(box: Sandbox, token: str) -> None:
    hidden(box, ("use", token))


def test_tokens_beside_one_another(box: Sandbox) -> None:
    """Any one that is shown shows the secret of all."""
    all_of_them = " ".join(TOKENS)
    hidden(box, ("profile", "show", all_of_them), *(("use", f"--{token}") for token in TOKENS[::5]))
    hidden(box, *LOOKS, PIP_INDEX_URL=f"https://a.example/simple {all_of_them}")


def test_the_records_of_an_image(box: Sandbox) -> None:
    del box.environ["MIRRORCFG_STATE"]
    root = ("--root", str(box.root))
    box.run("use", "china", *root, "--tool", "pip", code=0)
    (path,) = (box.root / "var/lib/mirrorcfg/generations").glob("*.json")
    record = unseal(path.read_bytes())
    record["command"] = f"mirrorcfg use x --header 'X-JFrog-Art-Api: {SECRET}'"
    record["reason"] = f"https:\\/\\/u:{SECRET}@a.example"
    record["tools"] = {"pip": f"dckr_pat_{SECRET}"}
    path.write_bytes(seal(record))
    assert SECRET in path.read_text()
    assert len(box.json("history", *root)["data"]["generations"]) == 1
    hidden(box, ("history", *root))


# -- legitimate neighbours ---------------------------------------------------------------------------------------

INNOCENT = """\
/etc/passwd:1:1
passwd:1:1
  at /home/joe/.token/pip.conf:3:4
secrets.toml:3:4
https://token.example.com/simple
https://token.example.com:8443/simple
token.example.com: the name can't be found.
token.example.com:5000/library/hello:1
https://auth.example/token?service=registry.example&scope=repository:library/hello:pull
mirrorcfg profile add https://git.example/raw/acme.toml?ref=main --sha256 0123456789abcdef0123456789abcdef
credential-helpers = ["secretservice"]
"credHelpers": {"gcr.example": "gcloud"},
keyring-provider = subprocess
authenticate = "always"
www-authenticate: Bearer realm="https://auth.example/token",service="registry.example"
Basic authentication is off; bearer tokens are not asked for.
docker login --password-stdin registry.example
npm_config_registry=https://mirror.example/npm
hf_hub_download, task-runner, sk-learn, monkey: see
file:///srv/t/conda/main
/usr/share/t/example
sha256:0123456789abcdef
put them where pip looks for them: netrc, or the tool's own credential store
hello:1@sha256:0123abcd
mirrorcfg use https://mirror.example/@scope/package
unset PIP_INDEX_URL
C:\\Users\\joe\\u0041\\pip.ini
# First pass: all that could be refused is.
bypass: 1, passed: 3, author: joe, key: pip.index-url
"""


@pytest.mark.parametrize("line", INNOCENT.splitlines())
def test_what_is_none_stays(line: str) -> None:
    assert redact(line) == line
    assert masked({"key": line, "keys": [line], "path": line, "token-file": line}) == {
        "key": line,
        "keys": [line],
        "path": line,
        "token-file": line,
    }


def test_our_own_answers_stay(box: Sandbox) -> None:
    """No part of what mirrorcfg says of sources without credentials is masked."""
    for argv in (
        ("ls",),
        ("profile", "show", "harbor"),
        ("diff", "tsinghua"),
        ("status", "--explain"),
        ("config",),
    ):
        assert MASK not in json.dumps(box.json(*argv)), argv


def test_the_contracts_keys_stay() -> None:
    envelope = {
        "schema": 1,
        "error": {"code": "x", "key": "pip.token", "line": 1},
        "data": {"sha256": "ab", "keys": 3},
    }
    assert masked(envelope) == envelope
    assert masked({"password": None, "token": {"a": "", "b": [1, "x"]}}) == {
        "password": None,
        "token": {"a": "", "b": [MASK, MASK]},
    }


# -- 10,000 of them ----------------------------------------------------------------------------------------------

Shape = Callable[[str], str]
SHAPES: list[Shape] = [
    lambda s: f"https://joe:{s}@a.example/simple",
    lambda s: f"https://{s}@a.example/simple",
    lambda s: f"https:\\/\\/joe:{s}@a.example\\/simple",
    lambda s: f'"https://joe\\u003a{s}\\u0040a.example/"',
    lambda s: f"joe:{s}@proxy.example:3128",
    lambda s: f"https://a.example/simple?x={s}",
    lambda s: f"https://a.example/simple?a=b&X-Amz-Signature={s}#f",
    lambda s: f"https://a.example/t/{s}/conda-forge",
    lambda s: f"a.example/t/{s}/conda-forge",
    lambda s: f"[global]\npassword = {s}\nx = y",
    lambda s: json.dumps({"a": {"registry-token": [s, {"x": s}]}}),
    lambda s: json.dumps({"secret": s}).replace("secret", "secr\\u0065t"),
    lambda s: f"token:\n- {s}\n- b\nnext: 1",
    lambda s: f'+api_key = """\n+{s}\n+"""\n next = 1',
    lambda s: f"Authorization: Bearer {s}",
    lambda s: f"sent Basic {base64.b64encode(f'joe:{s}'.encode()).decode()} to a.example",
    lambda s: f"machine a.example login joe password {s}",
    lambda s: f"run --auth-token {s} now",
    lambda s: f"a ghp_{s}{s} b",
    lambda s: f"eyJ{s}{s}.eyJ{s}{s}.{s}",
]
LETTERS = string.ascii_letters + string.digits


def _results(said: str) -> list[Answer]:
    """Every command's answer, with that in each of its texts."""
    notes = [Finding("x", said, said, None, said)]
    return [
        Answer.of(
            Result(name, payloads.made(payloads.of(draw), lambda: said, lambda: True), findings=notes), draw
        )
        for name, draw in DRAWERS.items()
    ]


def _secret(dice: random.Random) -> str:
    return "".join(dice.choices(LETTERS, k=dice.randint(12, 40))) + "7"


@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=pytest.mark.long)])
def test_none_of_them_is_shown_by_any_command(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(7)
    for number in range(count):
        secret = _secret(dice)
        said = SHAPES[number % len(SHAPES)](secret)
        for answer in _results(said):
            for as_json in (False, True):
                render.answer(answer, as_json)
        render.failure(MirrorcfgError("x", said, path=said, hint=said, key=said), said, False)
        render.failure(MirrorcfgError("x", said, path=said, hint=said, key=said), said, True)
        out, err = capsys.readouterr()
        encoded = base64.b64encode(f"joe:{secret}".encode()).decode()
        assert secret not in out + err, (number % len(SHAPES), said)
        assert encoded not in out + err, said


def test_none_of_ten_thousand_is_left_in_a_text() -> None:
    dice = random.Random(8)
    for number in range(10_000):
        secret = _secret(dice)
        said = SHAPES[number % len(SHAPES)](secret)
        shown = redact(said)
        assert secret not in shown, said
        assert shown.count("\n") == said.count("\n")
        assert redact(shown) == shown


# -- in linear time ----------------------------------------------------------------------------------------------

PIECES = [
    *(
        "a://",
        "a:b@",
        "token-",
        "password=[",
        "password={x ",
        "password=",
        "password=)",
        '"',
        "'",
        "[{",
        "x:",
        "--token ",
    ),
    *(
        "/t/",
        "a@",
        "\n token: |",
        "https://a:1/",
        "''a://",
        "'a://@",
        '"a://',
        ")",
        "?",
        "a=?&",
        "\\",
        "\\u0040",
        "eyJ",
    ),
    *(
        "sk-",
        "Bearer ",
        "-----BEGIN PRIVATE KEY-----",
        "login a password ",
        'password=\\"',
        'password="""',
        "a://b:1/@",
    ),
    *("a", "a ", "cookie:", "a:,", '"token"\n', 'password={"', "\n", "a.b.", "\x1b", "https://h/t/t/", "(a:"),
]


@pytest.mark.parametrize("whole", [400_000, pytest.param(1_000_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("piece", PIECES)
def test_ten_times_the_text_takes_ten_times_as_long(piece: str, whole: int) -> None:
    signs = "x@y?z token /t/ login password basic ghp_ : https://"
    took = []
    for size in (whole // 10, whole):
        text = piece * (size // len(piece)) + signs
        start = time.process_time()
        redact(text)
        took.append(time.process_time() - start)
    assert took[1] < 8, took  # seconds of a busy machine; alone it is two or three
    assert took[1] < 40 * max(took[0], 0.01), took
