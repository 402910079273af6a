from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.formats.toml_scan import line_of

TEXT = "\n".join(
    [
        "# [pip] in a comment",
        "schema = 1",
        'title = { en = "[pip] # no", "z h" = \'it"s\' }',
        'a.b."c d".e = 1',
        "",
        "[ pip ]   # comment",
        'index-url = "x" # = [',
        "'quoted key' = [",
        "    # one, two",
        "    \"a, ]\", 'b]',",
        "",
        "    '''c",
        "d''',",
        "    { x = 1 },",
        "]",
        '"" = 1',
        '[conda."custom-channels"]',
        'forge = """',
        "[docker]",
        r'""\"""""',
        "last = 1",
        "[[docker]]",
        "x = 1",
        "",
    ]
)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("schema",), 2),
        (("title",), 3),
        (("title", "z h"), 3),
        (("a", "b", "c d", "e"), 4),
        (("a", "b"), 4),
        (("pip",), 6),
        (("pip", "index-url"), 7),
        (("pip", "quoted key"), 8),
        (("pip", "quoted key", 0), 10),
        (("pip", "quoted key", 1), 10),
        (("pip", "quoted key", 2), 12),
        (("pip", "quoted key", 3), 14),
        (("pip", "quoted key", 9), 8),
        (("pip", ""), 16),
        (("pip", "absent"), 6),
        (("conda",), 17),
        (("conda", "custom-channels", "forge"), 18),
        (("conda", "custom-channels", "last"), 21),
        (("docker",), 22),
        (("absent",), None),
        ((), None),
    ],
)
def test_the_line_of_a_key(keys: tuple[str | int, ...], line: int | None) -> None:
    tomllib.loads(TEXT)
    assert line_of(TEXT, keys) == line
    assert line_of(TEXT.replace("\n", "\r\n"), keys) == line


def test_commas_further_in_are_not_counted() -> None:
    assert line_of('a = [\n{x = 1, y = [1, 2]}, "[,",\n"z"]', ("a", 2)) == 3


keys = st.sampled_from(["a", "b-c", "d e", "é", "[", "=", "#", ",", '"', "1"])
leaf = st.sampled_from(["x", "a # b", "[x]", "a, b", "it's", '"', "l1\nl2", "\\", "'''", '""'])


@given(
    st.dictionaries(
        keys, st.one_of(leaf, st.lists(leaf, min_size=1), st.dictionaries(keys, leaf)), min_size=1
    )
)
def test_every_key_of_a_written_text_is_found(content: dict[str, Any]) -> None:
    from tomlkit import dumps

    text = dumps(content)
    for key, value in content.items():
        line = line_of(text, (key,))
        assert line is not None
        first = text.split("\n")[line - 1]
        assert first.lstrip("[").startswith((key, f'"{key}"', f"'{key}'", '"\\""'))
        for inner in value if isinstance(value, dict) else ():
            assert line_of(text, (key, inner)) is not None
