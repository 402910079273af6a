from __future__ import annotations

from mirrorcfg.formats import Format, ini, json, keys, toml, yaml

INDEX = ("global", "index-url")
FORMATS: list[Format] = [ini, json, yaml, toml]


def test_all_formats_satisfy_the_protocol() -> None:
    for fmt in FORMATS:
        assert fmt.read("") == {}
        assert fmt.edit("", {}) == ""
        assert fmt.raw("", ("a", "b")) is None


def test_a_different_spelling_differs_and_another_newline_does_not() -> None:
    assert keys.differing(ini, "[global]\nindex-url=a\n", "[global]\nindex-url = a\n", [INDEX]) == (INDEX,)
    one, two = "[global]\nindex-url =\n  a\n  b\n", "[global]\r\nindex-url =\r\n  a\r\n  b\r\n"
    assert keys.differing(ini, one, two, [INDEX]) == ()


def test_a_value_inherited_from_elsewhere_differs() -> None:
    one, two = "[DEFAULT]\nindex-url=a\n[global]\n", "[DEFAULT]\nindex-url=b\n[global]\n"
    assert keys.differing(ini, one, two, [INDEX]) == (INDEX,)


def test_a_key_that_never_differed_is_left_as_the_user_made_it() -> None:
    text = "[global]\nindex-url = mine\n"
    assert keys.revert(ini, text, "[global]\nindex-url = a\n", "[global]\nindex-url = a\n", [INDEX]) == text


def test_a_deleted_value_comes_back_to_its_place_with_its_comment() -> None:
    target = "a: 1\nchannel_alias: u  # why\n# below\nb: 2\n"
    left = yaml.edit(target, {("channel_alias",): None})
    assert (
        keys.revert(yaml, "# new\n" + left + "c: 3\n", left, target, [("channel_alias",)])
        == "# new\n" + target + "c: 3\n"
    )


def test_an_edit_in_the_very_lines_is_kept_and_only_the_key_goes_back() -> None:
    target = "[global]\nindex-url=a\ntimeout=1\n"
    left = ini.edit(target, {INDEX: "b"})
    text = left.replace("index-url=b", "# mine\nindex-url = c")
    assert keys.revert(ini, text, left, target, [INDEX]) == "[global]\n# mine\nindex-url=a\ntimeout=1\n"


def test_a_comment_that_changed_between_the_generations_is_not_ours() -> None:
    target = "# old\n[global]\nindex-url=a\n"
    left = "# new\n[global]\nindex-url=b\n"
    assert keys.revert(ini, left, left, target, [INDEX]) == "# new\n[global]\nindex-url=a\n"


def test_a_spelling_that_does_not_fit_goes_back_by_value() -> None:
    target = "custom_channels:\n  a: >-\n    u\n"
    left = "custom_channels:\n  a: v\n"
    flow = "{custom_channels: {a: v}}\n"
    assert keys.revert(yaml, flow, left, target, [("custom_channels", "a")]) == "{custom_channels: {a: u}}\n"


def test_several_keys_go_back_at_once() -> None:
    paths = [("default_channels",), ("channel_alias",), ("custom_channels", "c")]
    target = "default_channels:\n- a # x\n# y\n- b\ncustom_channels: {c: u}\nssl_verify: true\n"
    left = yaml.edit(target, {paths[0]: ["m"], paths[1]: "v", paths[2]: None})
    text = left.replace("ssl_verify: true", "ssl_verify: false # mine")
    back = keys.revert(yaml, text, left, target, paths)
    assert yaml.read(back) == yaml.read(target) | {"ssl_verify": False}
    assert "ssl_verify: false # mine" in back
