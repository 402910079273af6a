from __future__ import annotations

import json
import time
from string import ascii_letters, digits
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.redact import MASK, redact

# No plant is part of what surrounds it, so that finding it in the output means that it leaked.
PLANT = "Zq7"
in_url = st.text(ascii_letters + digits + "@:%-._~!$&()*+,;=[]", max_size=20)
raw = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x4FF, exclude_categories=["C", "Z"]), max_size=20
)
users = st.text(ascii_letters + digits + ".-_", max_size=10)


def planted(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda before, after: before + PLANT + after, strategy, strategy)


@given(users, planted(in_url), st.sampled_from(["{}", '"{}"', "'{}'", "a={} b", "[{}]", "<{}>", "x\n{}\ny"]))
def test_a_password_in_a_url_never_survives(user: str, password: str, around: str) -> None:
    text = redact(around.format(f"https://{user}:{password}@mirror.example/simple"))
    assert PLANT not in text
    assert "mirror.example/simple" in text


@given(users, planted(raw))
def test_an_encoded_password_never_survives(user: str, password: str) -> None:
    assert PLANT not in redact(f"pip: https://{user}:{quote(password, safe='')}@mirror.example:8443/simple.")


@given(users, planted(st.text(ascii_letters + digits + "@:/?#%'\"", max_size=20)))
def test_a_password_that_should_have_been_encoded_never_survives(user: str, password: str) -> None:
    assert PLANT not in redact(f"index-url = https://{user}:{password}@mirror.example/simple")


@given(planted(raw))
def test_a_user_that_is_a_token_never_survives(token: str) -> None:
    assert PLANT not in redact(f"https://{quote(token, safe='')}@mirror.example/simple")


NAMES = [
    "password",
    "passwd",
    "PIP_PASSWORD",
    "token",
    "access_token",
    "authToken",
    "_authToken",
    "api-key",
    "apiKey",
    "client.secret",
    "secretKey",
    "auth",
    "credentials",
    "aws-secret-access-key",
    "password_hash",
    "tokens",
    "X-Amz-Signature",
]


@pytest.mark.parametrize("name", NAMES)
@given(secret=planted(raw))
def test_a_named_secret_never_survives(name: str, secret: str) -> None:
    assert PLANT not in redact(json.dumps({"a": 1, name: secret, "b": 2}))
    assert PLANT not in redact(json.dumps({"a": {name: secret}, "b": 2}, indent=2))
    assert PLANT not in redact(json.dumps({name: [secret, secret]}))
    assert PLANT not in redact(yaml.safe_dump({"a": 1, name: secret, "b": 2}, allow_unicode=True))
    assert PLANT not in redact(yaml.safe_dump([{"a": 1, name: secret}], allow_unicode=True))
    assert PLANT not in redact(f"[global]\n{name} = {secret}\nx = y\n")
    assert PLANT not in redact(f"+{name}={secret}")
    assert PLANT not in redact(f"-  {name}: {secret}")


@pytest.mark.parametrize(
    "text",
    [
        "password =\n    Zq7\nindex-url = x",
        "password = a\n  Zq7",
        "password: |\n  a\n\n  Zq7\nnext: 1",
        "password = two words Zq7",
        'password = "a" Zq7',
        "Authorization: Bearer Zq7",
        "proxy-authorization: Basic Zq7=",
        "sent {'Authorization': 'Basic Zq7'}",
        "run --password Zq7 now",
        "run --api-token 'a Zq7' now",
        "https://mirror.example/simple?token=Zq7&x=1",
        "https://mirror.example/t/tk-1234-Zq7/conda-forge",
        "https://mirror.example/t/0123456789abcdefZq7/conda-forge",
        "proxy = joe:Zq7@proxy.example:3128",
        "http_proxy=joe:Z@Zq7@proxy.example",
        '"https://joe:a\\"Zq7@mirror.example/"',
        "'https://joe:a''Zq7@mirror.example/'",
        '"https://joe:my Zq7@mirror.example/"',
        "{password: Zq7, user: joe}",
        '"token": 12, "secret": {"x": "Zq7"}',
        "https://joe:80/Zq7@mirror.example/",
    ],
)
def test_what_else_is_masked(text: str) -> None:
    assert PLANT not in redact(text)
    assert MASK in redact(text)


def test_the_rest_of_a_line_stays() -> None:
    assert redact("index-url = https://joe:pw@m.example:8443/simple  # ours") == (
        f"index-url = https://{MASK}@m.example:8443/simple  # ours"
    )
    assert redact('{"auth": "abc", "user": "joe"}') == f'{{"auth": "{MASK}", "user": "joe"}}'
    assert redact("token = 'abc'  # ours\nx = 1") == f"token = '{MASK}'  # ours\nx = 1"
    assert redact("password: abc\nuser: joe\n") == f"password: {MASK}\nuser: joe\n"
    assert redact("password = abc\r\nuser = joe\r\n") == f"password = {MASK}\r\nuser = joe\r\n"


@given(st.text(ascii_letters + ' \n.,:=/-_#[]{}"', max_size=200))
def test_it_is_done_after_one_time(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("name", ["token", "password"])
def test_json_stays_json(name: str) -> None:
    for value in ["a", 'a"b', 1, None, True, ["a", "b"], {"a": "b"}]:
        masked = redact(json.dumps({"x": 1, name: value, "y": "https://a.example/"}))
        assert json.loads(masked) == {
            "x": 1,
            name: [MASK] and json.loads(masked)[name],
            "y": "https://a.example/",
        }


@given(
    st.lists(
        st.sampled_from(
            [
                "https://mirror.example/simple",
                "https://mirror.example:8443/simple/",
                "https://mirror.example/@scope/package",
                "https://${host}/pypi/simple",
                "https://[2001:db8::1]:8443/v2/",
                "[global]",
                "index-url = ",
                "registry.example:5000/library/hello@sha256:0123abcd",
                "hello:1@sha256:0123abcd",
                "mail joe@mirror.example",
                "mailto:joe@mirror.example",
                "git@code.example:team/project",
                "tokenizers==0.19.1",
                "SecretStorage==3.3",
                "/etc/docker/daemon.json:3:4",
                '{"registry-mirrors":["https://a.example"],"mail":"joe@b.example"}',
                "清华大学",
                "C:\\Users\\joe@work\\pip.ini",
                "12:30",
                "/usr/share/t/example",
            ]
        )
    )
)
def test_a_text_without_secrets_is_unchanged(parts: list[str]) -> None:
    for text in (" ".join(parts), "\n".join(parts)):
        assert redact(text) == text


HARD = ["a://", "a:b@", "token-", "password=[", "password={x ", "https://a:b@", "password=", '"', "[{", "x:"]


@pytest.mark.parametrize("piece", [*HARD, "--token ", "/t/", "a@", "\n token: |", "https://a:1/"])
def test_a_long_line_takes_no_time(piece: str) -> None:
    start = time.process_time()
    redact(piece * 5_000)
    assert time.process_time() - start < 2


SIGNS = ["token", "passwd", "password", "secret", "auth", "credentials", "api-key", "cookie", "session-id"]
AROUND = [
    "{}",
    "  at {}",
    "{}: not found",
    "({})",
    "[{}]",
    "'{}'",
    '"{}"',
    "`{}`",
    "{} -> {}",
    "x, {}",
    "url = {}",
    "- {}",
]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_place_that_is_named_like_a_secret_is_shown_whole(sign: str) -> None:
    """The line and column of a file, and a host with its port."""
    places = [
        f"/etc/{sign}:1:1", f"/etc/{sign}:12", f"{sign}:1:1", f"{sign}.toml:3:14", f"~/{sign}:4:1",
        f"https://{sign}.example/simple", f"https://{sign}.mirror.lab:8443/simple/", f"{sign}.mirror.lab:8443",
        f"{sign}.mirror.lab:5000/library/hello:1", f"https://{sign}:8443/v2/",
    ]  # fmt: skip
    for place in places:
        for around in AROUND:
            text = around.format(place, place)
            assert redact(text) == text


@pytest.mark.parametrize("sign", SIGNS)
def test_what_such_a_place_is_given_is_not(sign: str) -> None:
    for text in (
        f"https://joe:{PLANT}@{sign}.mirror.lab:8443/simple",
        f"https://{sign}.mirror.lab:8443/simple?{sign}={PLANT}",
        f"/etc/{sign}:1:1: password = {PLANT}",
        f"https://{sign}.mirror.lab/t/{PLANT}/conda",
    ):
        assert PLANT not in redact(text)
