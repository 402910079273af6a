"""What real files of the public's had in them, each one edited to the byte or refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import Format, ini, json, keys, yaml
from mirrorcfg.formats.text import decode, encode

INDEX, EXTRA = ("global", "index-url"), ("global", "extra-index-url")
MIRRORS, DEFAULTS = ("registry-mirrors",), ("default_channels",)
URL = "https://mirror.example/simple"

EDITED: dict[str, tuple[Format, str, dict[Any, Any], str]] = {
    "crlf-ini": (ini, "[global]\r\nindex-url = a\r\n", {INDEX: URL}, f"[global]\r\nindex-url = {URL}\r\n"),
    "crlf-yaml": (
        yaml,
        "channels:\r\n  - a\r\n",
        {DEFAULTS: [URL]},
        f"channels:\r\n  - a\r\ndefault_channels:\r\n  - {URL}\r\n",
    ),
    "crlf-json": (
        json,
        '{\r\n  "a": 1\r\n}',
        {MIRRORS: [URL]},
        f'{{\r\n  "a": 1,\r\n  "registry-mirrors": [\r\n    "{URL}"\r\n  ]\r\n}}',
    ),
    "no-last-newline-ini": (
        ini,
        "[global]\ntimeout=6",
        {INDEX: URL},
        f"[global]\ntimeout=6\nindex-url={URL}",
    ),
    "no-last-newline-yaml": (
        yaml,
        "channels: [a]",
        {DEFAULTS: [URL]},
        f"channels: [a]\ndefault_channels:\n  - {URL}",
    ),
    "gbk-comment": (ini, "# 清华源\n[global]\n", {INDEX: URL}, f"# 清华源\n[global]\nindex-url = {URL}\n"),
    "semicolon-comment": (
        ini,
        "[global]\n; index-url = old\nindex-url = a ; no comment\n",
        {INDEX: URL},
        f"[global]\n; index-url = old\nindex-url = {URL}\n",
    ),
    "tab-continuation": (
        ini,
        "[global]\nextra-index-url =\n\thttps://a\n\thttps://b\ntimeout = 6\n",
        {EXTRA: ["https://a", URL]},
        f"[global]\nextra-index-url =\n\thttps://a\n\t{URL}\ntimeout = 6\n",
    ),
    "variable-credentials-ini": (
        ini,
        "[global]\nindex-url = a\nextra-index-url = https://${U}:${P}@h/%40\n",
        {INDEX: URL},
        f"[global]\nindex-url = {URL}\nextra-index-url = https://${{U}}:${{P}}@h/%40\n",
    ),
    "variable-credentials-yaml": (
        yaml,
        "channels:\n  - https://${U}:${P}@h/c\n",
        {DEFAULTS: ["https://${U}:${P}@m/c"]},
        'channels:\n  - https://${U}:${P}@h/c\ndefault_channels:\n  - "https://${U}:${P}@m/c"\n',
    ),
    "sequence-at-0": (
        yaml,
        "default_channels:\n- a\nx: 1\n",
        {DEFAULTS: [URL, "a"]},
        f"default_channels:\n- {URL}\n- a\nx: 1\n",
    ),
    "sequence-at-2": (
        yaml,
        "default_channels:\n  - a\nx: 1\n",
        {DEFAULTS: ["a", URL]},
        f"default_channels:\n  - a\n  - {URL}\nx: 1\n",
    ),
    "sequence-at-4": (
        yaml,
        "default_channels:\n    -   a\nx: 1\n",
        {DEFAULTS: ["a", URL]},
        f"default_channels:\n    -   a\n    -   {URL}\nx: 1\n",
    ),
    "flow-list": (
        yaml,
        "default_channels: [ a, b ] # c\n",
        {DEFAULTS: ["b", URL]},
        f"default_channels: [ b, {URL} ] # c\n",
    ),
    "final": (
        yaml,
        "default_channels: #!final\n  - a #!top\n  - b #!bottom\n",
        {DEFAULTS: ["a", URL]},
        f"default_channels: #!final\n  - a #!top\n  - {URL}\n",
    ),
    "items-commented-out": (
        yaml,
        "default_channels:\n  - a\n  # - b\n  - c\n  # - d\nx: 1\n",
        {DEFAULTS: [URL, "c"]},
        f"default_channels:\n  - {URL}\n  # - b\n  - c\n  # - d\nx: 1\n",
    ),
    "one-line-json": (
        json,
        '{"registry-mirrors":["a"],"x":{"y":[1,2]}}',
        {MIRRORS: [URL, "a"]},
        f'{{"registry-mirrors":["{URL}","a"],"x":{{"y":[1,2]}}}}',
    ),
    "space-before-colon": (
        json,
        '{\n "x" : 1,\n "y" : 2\n}\n',
        {MIRRORS: [URL]},
        f'{{\n "x" : 1,\n "y" : 2,\n "registry-mirrors" : [\n  "{URL}"\n ]\n}}\n',
    ),
    "template": (
        json,
        '{"log-opts": {"tag": "{{.Name}}/{{.ID}}"}}\n',
        {MIRRORS: [URL]},
        f'{{"log-opts": {{"tag": "{{{{.Name}}}}/{{{{.ID}}}}"}}, "registry-mirrors": ["{URL}"]}}\n',
    ),
    "byte-order-mark-yaml": (
        yaml,
        "\ufeffx: 1\n",
        {("channel_alias",): URL},
        f"\ufeffx: 1\nchannel_alias: {URL}\n",
    ),
    "tabs-json": (json, '{\n\t"x": 1\n}', {("y",): "z"}, '{\n\t"x": 1,\n\t"y": "z"\n}'),
}


@pytest.mark.parametrize("name", EDITED)
def test_it_is_edited_to_the_byte_and_back(name: str) -> None:
    fmt, text, changes, after = EDITED[name]
    assert fmt.edit(text, changes) == after
    assert fmt.edit(after, changes) == after
    assert keys.revert(fmt, after, after, text, list(changes)) == text


def test_gbk_bytes_keep_their_encoding() -> None:
    raw = "# 清华源\n[global]\n".encode("gbk")
    text, encoding = decode(raw, "gbk")
    assert encode(ini.edit(text, {INDEX: URL}), encoding) == raw + f"index-url = {URL}\n".encode()


@pytest.mark.parametrize(
    ("fmt", "text", "changes", "code", "line", "column"),
    [
        (ini, "[global]\nindex-url=a\nindex-url=b\n", {INDEX: URL}, "duplicate-option", 3, 1),
        (yaml, "channels: []\nx: 1\nchannels: []\n", {DEFAULTS: [URL]}, "duplicate-key", 3, 1),
        (json, '{\n "a": 1,\n "a": 1\n}', {MIRRORS: [URL]}, "duplicate-key", 3, 2),
        (json, '{\n  /* c */\n  "a": 1\n}', {MIRRORS: [URL]}, "parse-error", 2, 3),
        (json, '{\n  "a": 1 // c\n}', {MIRRORS: [URL]}, "parse-error", 2, 10),
        (json, '{\n  "a": 1 ; c\n}', {MIRRORS: [URL]}, "parse-error", 2, 10),
        (json, '{\n  "a": ["b",]\n}', {MIRRORS: [URL]}, "parse-error", 2, 13),
        (ini, "\ufeff[global]\n", {INDEX: URL}, "byte-order-mark", 1, 1),
    ],
)
def test_it_is_refused_with_its_place(
    fmt: Format, text: str, changes: Any, code: str, line: int, column: int
) -> None:
    with pytest.raises(FormatError) as refused:
        fmt.edit(text, changes)
    assert (refused.value.code, refused.value.line, refused.value.column) == (code, line, column)
    assert refused.value.hint


def test_gbk_bytes_that_nobody_expects_are_refused_with_their_place() -> None:
    with pytest.raises(FormatError) as refused:
        decode("[global]\n# 清华\n".encode("gbk"))
    assert (refused.value.line, refused.value.column) == (2, 3)
