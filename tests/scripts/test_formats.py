"""Every format: right by its own linter or schema, and what it says is what was meant."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrorcfg import scripts
from mirrorcfg.errors import FormatError
from mirrorcfg.formats.shell import powershell
from mirrorcfg.redact import redact
from mirrorcfg.scripts import Bootstrap, File, Standalone
from mirrorcfg.scripts._text import block, scalar
from tests import parts
from tests.sandbox import Sandbox
from tests.scripts.workshop import PROFILE, SHELLS, Target

SCHEMAS = {"github-actions": "vendor.github-actions", "gitlab-ci": "vendor.gitlab-ci"}
KINDS = [(form, style) for form in scripts.names() for style in scripts.format_named(form).STYLES]
SCRIPTS = [kind for kind in KINDS if kind[0] != "powershell"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
HOSTILE = [
    "it's",
    "$(touch pwned)`touch pwned`",
    "'; rm -rf / #",
    "a\nb\n\n",
    "\nMIRRORCFG\nMIRRORCFG1\n",
    "镜像 “quoted” ‘smart’",
    "\ttab \\ back\\\\slash",
    "{{ jinja }} {% raw %} ${{ github.token_ }} $[[ inputs.x ]]",
    "%PATH% !! ~ * ? [a]",
    "- not: yaml\n  # comment\n\x85\u2028\x07\x1b[31m\U000e0001\ufeff",
    "https://" + "a" * 4096,
]
VALUES = [*HOSTILE, *(value + "\n" for value in HOSTILE)]


def printed(box: Sandbox, form: str, style: str, *options: str) -> str:
    box.profile("acme", PROFILE)
    out = box.run("script", "acme", "--format", form, "--style", style, *options, code=0).out
    assert out == redact(out)
    return out


def lint(box: Sandbox, text: str, name: str, *argv: str) -> None:
    file = box.folder / name
    file.write_text(text, encoding="utf-8")
    program = parts.program(argv[0])
    done = subprocess.run(
        [program, *argv[1:], str(file)], capture_output=True, text=True, cwd=box.folder, env=box.environ
    )
    assert done.returncode == 0, done.stdout + done.stderr


def embedded(form: str, text: str) -> str:
    """The sh script in a format's output, as the format's own parser reads it."""
    if form == "sh":
        return text
    if form == "dockerfile":
        return heredoc(text[text.index("\nRUN <<") + 1 :], "RUN")
    data = yaml.load(text, Unsafe)
    match form:
        case "cloud-init":
            return str(data["write_files"][0]["content"])
        case "github-actions":
            return evaluated(str(data["runs"]["steps"][0]["run"]))
        case "gitlab-ci":
            return heredoc(data[".mirrors"]["before_script"][0], "sh -s")
        case _:
            assert "        stdin: !unsafe " in text  # or Ansible would take it for a template
            return str(data[0]["tasks"][0]["ansible.builtin.command"]["stdin"])


def heredoc(text: str, command: str) -> str:
    """What stands between the delimiter and the first line that is it; nothing may follow."""
    head, *lines = text.split("\n")
    end = head.removeprefix(f"{command} <<'").removesuffix("'")
    at = lines.index(end)
    assert lines[at + 1 :] == [""]
    return "".join(f"{line}\n" for line in lines[:at])


def evaluated(text: str) -> str:
    """As GitHub evaluates it: an expression that is a string stands for it, and there is no other."""
    parts_ = re.split(r"\$\{\{ '(\$\{\{)' \}\}", text)
    assert not [part for part in parts_[::2] if "${{" in part]
    return "".join(parts_)


class Unsafe(yaml.SafeLoader):
    """Reads Ansible's tag as what it stands for."""


Unsafe.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


@pytest.mark.parametrize("style", ["bootstrap", "standalone"])
@pytest.mark.parametrize("scope", ["user", "system"])
def test_shellcheck_finds_nothing(box: Sandbox, style: str, scope: str) -> None:
    lint(box, printed(box, "sh", style, "--scope", scope), "onboard.sh", "shellcheck")


@pytest.mark.parametrize("style", ["bootstrap", "standalone"])
def test_hadolint_finds_nothing(box: Sandbox, style: str) -> None:
    lint(box, f"FROM debian:12\n{printed(box, 'dockerfile', style)}", "Dockerfile", "hadolint")


@pytest.mark.parametrize("style", ["bootstrap", "standalone"])
@pytest.mark.parametrize("form", SCHEMAS)
def test_the_schema_finds_nothing(box: Sandbox, form: str, style: str) -> None:
    lint(box, printed(box, form, style), "it.yml", "check-jsonschema", "--builtin-schema", SCHEMAS[form])


@pytest.mark.parametrize("style", ["bootstrap", "standalone"])
def test_cloud_init_takes_it(box: Sandbox, style: str) -> None:
    lint(box, printed(box, "cloud-init", style), "user-data", "cloud-init", "schema", "--config-file")


@pytest.mark.parametrize("kind", SCRIPTS, ids="-".join)
def test_every_format_holds_the_same_script(box: Sandbox, kind: tuple[str, str]) -> None:
    form, style = kind
    scope = scripts.format_named(form).SCOPE
    plain = printed(box, "sh", style, *(["--scope", scope] if scope else []))
    inside = embedded(form, printed(box, form, style, *(["--scope", scope] if scope else [])))
    assert inside == plain.replace("--format=sh", f"--format={form}")


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_the_same_profile_gives_the_same_text_everywhere(tmp_path: Path, kind: tuple[str, str]) -> None:
    texts = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        box = Sandbox(tmp_path / name)
        path = box.folder / "acme.toml"
        path.write_text(f'schema = 1\nname = "acme"\n{PROFILE}')
        argv = ("script", str(path), "--format", kind[0], "--style", kind[1])
        texts.add(box.run(*argv, code=0, environ={"TZ": "Asia/Shanghai", "LANG": name}).out)
    assert len(texts) == 1
    assert str(tmp_path) not in texts.pop()


def orders(content: str, path: str = "/etc/it") -> tuple[Standalone, Bootstrap]:
    """Orders that nothing has checked."""
    return (
        Standalone("acme", None, "mirrorcfg script", [File("pip", path, content)]),
        Bootstrap("acme", None, "mirrorcfg script", "1.0", [], [content], [content], {"acme": content}),
    )


@pytest.mark.parametrize("form", sorted({form for form, _ in SCRIPTS} - {"sh"}))
@settings(deadline=None, max_examples=60)
@given(value=st.one_of(st.sampled_from(VALUES), TEXT))
def test_hostile_values_are_read_back_as_they_are(form: str, value: str) -> None:
    language, plain = scripts.format_named(form), scripts.format_named("sh")
    standalone, bootstrap = orders(value)
    for wanted, text in (
        (plain.standalone(standalone), language.standalone(standalone)),
        (plain.bootstrap(bootstrap), language.bootstrap(bootstrap)),
    ):
        assert embedded(form, text) == wanted


@settings(deadline=None)
@given(value=st.one_of(st.sampled_from(VALUES), TEXT))
def test_yaml_reads_a_scalar_and_a_block_back(value: str) -> None:
    assert yaml.safe_load(f"a: {scalar(value)}\n") == {"a": value}
    assert yaml.safe_load(f"a:\n  b: {block(value, 4)}\n") == {"a": {"b": value}}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_writes_hostile_values_as_they_are(box: Sandbox, shell: str) -> None:
    """One script with all of them, each in a file of its own; a path may be hostile too."""
    plain = scripts.format_named("sh")
    names = ["it's", "$(touch pwned)", "`id`", "a b\tc", "镜像", "-n", "*", "\\", '"q"', "#", "~"]
    files = [File("pip", f"/values/{number}", value) for number, value in enumerate(VALUES)]
    files += [File("pip", f"/names/{name}", name) for name in names]
    script = box.folder / "onboard.sh"
    text = plain.standalone(Standalone("acme", None, "mirrorcfg script", files))
    script.write_text(text, encoding="utf-8", newline="")
    target = Target(box, shell)
    target.run(script, "--root", str(box.root))
    for number, value in enumerate(VALUES):
        assert (box.root / f"values/{number}").read_bytes() == value.encode(), value
    assert {path.name for path in (box.root / "names").iterdir()} == set(names)
    assert not list(box.folder.rglob("pwned"))
    target.run(script, "--root", str(box.root))
    target.run(script, "--root", str(box.root), "--undo")
    assert list(box.root.iterdir()) == [box.root / "var"]


@pytest.mark.parametrize(
    "url", ["https://a.example/$(id)", "https://a.example/'; rm", "https://a.example/\\n", 'a"']
)
def test_a_profile_with_a_hostile_address_is_refused(box: Sandbox, url: str) -> None:
    box.profile("bad", f"[pip]\nindex-url = {json.dumps(url)}\n")
    answer = box.json("script", "bad", "--format", "sh", code=1)
    assert answer["error"]["code"] in ("bad-url", "not-https")
    assert answer["data"] == {}


def test_what_an_address_may_hold_arrives(box: Sandbox) -> None:
    url = "https://a.example/x&y;(z)*!,=+~" + "p/" * 2000 + "simple"
    box.profile("odd", f'[pip]\nindex-url = "{url}"\n')
    out = box.run(
        "script", "odd", "--format=sh", "--style=standalone", "--scope=system", "--tool=pip", code=0
    ).out
    (box.folder / "onboard.sh").write_text(out)
    for shell in SHELLS:
        Target(box, shell).run(box.folder / "onboard.sh", "--root", str(box.root))
        assert (box.root / "etc/pip.conf").read_text() == f"[global]\nindex-url = {url}\n"
        Target(box, shell).run(box.folder / "onboard.sh", "--root", str(box.root), "--undo")


def test_what_looks_like_a_credential_never_comes_out(box: Sandbox) -> None:
    box.profile("leak", '[pip]\nindex-url = "https://a.example/token=hunter2planted/simple"\n')
    for form, style in KINDS:
        answer = box.json("script", "leak", "--format", form, "--style", style, code=1)
        assert answer["error"]["code"] == "looks-like-a-secret"
        assert "hunter2planted" not in json.dumps(answer)


def grammar() -> object:
    """PowerShell's, in the place of a PowerShell: tree-sitter's."""
    tree_sitter = pytest.importorskip("tree_sitter", reason="the package tree-sitter is not installed")
    language = pytest.importorskip("tree_sitter_powershell", reason="tree-sitter-powershell is not installed")
    return tree_sitter.Parser(tree_sitter.Language(language.language()))


@pytest.mark.parametrize("scope", ["user", "system"])
def test_powershells_grammar_takes_it(box: Sandbox, scope: str) -> None:
    text = printed(box, "powershell", "standalone", "--scope", scope)
    tree = grammar().parse(text.encode())  # type: ignore[attr-defined]
    assert not tree.root_node.has_error


@settings(deadline=None)
@given(value=st.one_of(st.sampled_from(VALUES), TEXT))
def test_powershell_has_a_value_as_one_string(value: str) -> None:
    """By PowerShell's rule: any of five quotes, doubled, is one; nothing else means anything in there."""
    try:
        word = powershell(value)
    except FormatError:
        return
    text = scripts.format_named("powershell").standalone(orders(value, r"C:\it")[0])
    assert f"Content = {word} }}" in text
    assert re.sub("(['\u2018\u2019\u201a\u201b])(['\u2018\u2019\u201a\u201b])", r"\1", word[1:-1]) == value


@pytest.mark.parametrize(
    ("content", "code"),
    [("nothing", "ca-file-no-certificate"), ("-----BEGIN PRIVATE KEY-----\n", "ca-file-has-key")],
)
def test_a_ca_file_that_is_no_use_is_refused(box: Sandbox, content: str, code: str) -> None:
    ca = box.folder / "ca.pem"
    ca.write_text(content)
    box.profile("acme", f'[tls]\nca-file = "{ca}"\n{PROFILE}')
    for style in ("bootstrap", "standalone"):
        answer = box.json("script", "acme", "--format=sh", "--style", style, code=1)
        assert (answer["error"]["code"], answer["error"]["path"]) == (code, str(ca))


def test_a_ca_that_is_not_here_is_taken_to_be_on_the_target(box: Sandbox) -> None:
    box.profile("acme", f'[tls]\nca-file = "/nowhere/ca.pem"\n{PROFILE}')
    answer = box.json("script", "acme", "--format=sh", "--style=standalone")
    assert [finding["code"] for finding in answer["findings"]] == ["ca-not-here"]
    assert "cert = /nowhere/ca.pem" in answer["data"]["text"]
