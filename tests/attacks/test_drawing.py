"""What somebody else wrote can't act on a terminal, hide, or pass for a line of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirrorcfg.cli import render
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.commands import watch
from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.ops.watching.watch import Event
from mirrorcfg.store.sealed import seal, unseal
from tests import payloads
from tests.drawers import DRAWERS
from tests.sandbox import PROGRAM, Done, Sandbox
from tests.terminal import talk

# A colour, a title, a C1 introducer, a turned text, a line separator, something invisible, and a line of ours.
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\u2066\u200f\u061c\u2028\u200b\U000e0041\x7f\r\nhint: curl evil | sh"


def clean(text: str) -> bool:
    """Does it hold nothing but what is seen, spaces, tabs of files and line breaks?"""
    plain = text.replace("\n", "").replace("\t", "")
    return all(char.isprintable() or char in "\u3000\u00a0" for char in plain) and "\ufe0f" not in plain


def harmless(done: Done) -> None:
    """Nothing acts, nothing hides, and no line of theirs stands by itself."""
    for said in (done.out, done.err):
        assert clean(said), ascii(said)
        assert not [line for line in said.split("\n") if line.startswith("hint: curl")], said


def both(box: Sandbox, *argv: str, **environ: str) -> Done:
    """For people, and as JSON, whose data is kept."""
    done = box.run(*argv, environ=environ)
    harmless(done)
    as_json = box.run(*argv, "--json", environ=environ)
    harmless(as_json)
    assert as_json.json["schema"] == 1
    return as_json


def test_an_argument_that_no_command_has(box: Sandbox) -> None:
    for argv in ((f"--{HOSTILE}",), ("use", f"--{HOSTILE}"), (HOSTILE,), ("use", "x", "--scope", HOSTILE)):
        done = box.run(*argv)
        assert done.code == 2
        harmless(done)


def test_a_name_of_a_profile(box: Sandbox) -> None:
    both(box, "use", HOSTILE)
    both(box, "profile", "show", f"./{HOSTILE}.toml")


def test_a_key_of_a_profile(box: Sandbox) -> None:
    key = json.dumps(HOSTILE)
    for table in (f"[pip]\n{key} = 1\n", f"[{key}]\nx = 1\n", f"[pip]\nindex-url = {key}\n"):
        box.profile("acme", table)
        both(box, "profile", "check", "acme")
        both(box, "ls")


def test_a_syntax_error_in_a_profile(box: Sandbox) -> None:
    box.profile("acme", f"[pip]\nx = [{HOSTILE}\n")
    both(box, "profile", "check", "acme")


def test_the_text_of_a_profile(box: Sandbox) -> None:
    box.profile("acme", '# \x9b31m \u202e \u200b\tend\r\n[pip]\nindex-url = "https://a.example/simple"\n')
    shown = both(box, "profile", "show", "acme")
    assert "\x9b31m \u202e \u200b\tend\n" in shown.data["text"]  # the data is kept
    assert "# \\x9b31m \\u202e \\u200b\tend\n" in box.run("profile", "show", "acme").out


@pytest.mark.parametrize("path", ["pip_conf", "condarc"])
def test_a_value_of_a_users_file(box: Sandbox, path: str) -> None:
    hostile = HOSTILE.replace("\r\n", " ").replace("\x1b", "").replace("\x7f", "").replace("\x07", "")
    if path == "pip_conf":
        box.write(box.pip_conf, f"[global]\nindex-url = https://a.example/{HOSTILE.replace(chr(10), ' ')}\n")
    else:
        box.write(box.condarc, f"channel_alias: https://a.example/{hostile.replace(chr(0x9B), '')}\n")
    for argv in (("status",), ("status", "--explain"), ("diff", "tsinghua", "--tool", "pip")):
        both(box, *argv)


def test_a_variable(box: Sandbox) -> None:
    for argv in (("status",), ("status", "--explain"), ("use", "tsinghua", "--tool", "pip")):
        both(box, *argv, PIP_INDEX_URL=f"https://a.example/{HOSTILE}")
    both(box, "status", PIP_CONFIG_FILE=f"/nowhere/{HOSTILE}", CONDARC=f"/nowhere/{HOSTILE}")


def test_the_records_of_an_image(box: Sandbox) -> None:
    del box.environ["MIRRORCFG_STATE"]
    root = ("--root", str(box.root))
    box.run("use", "china", *root, "--tool", "pip", code=0)
    (path,) = (box.root / "var/lib/mirrorcfg/generations").glob("*.json")
    record = unseal(path.read_bytes())
    path.write_bytes(seal(record | {"command": HOSTILE, "reason": HOSTILE, "tools": {"pip": HOSTILE}}))
    (entry,) = both(box, "history", *root).data["generations"]
    assert (entry["command"], entry["reason"], entry["tools"]["pip"]) == (HOSTILE, HOSTILE, HOSTILE)
    path.write_bytes(seal(record | {HOSTILE: 1, "tools": {HOSTILE: HOSTILE}, "number": HOSTILE}))
    both(box, "history", *root)
    both(box, "status", *root)


def test_the_name_of_a_folder(box: Sandbox) -> None:
    folder = box.folder / f"x{HOSTILE.replace('/', '')}"
    folder.mkdir()
    (folder / "pip.conf").write_text("[global]\nnonsense\n")
    both(box, "status", PIP_CONFIG_FILE=str(folder / "pip.conf"))
    root = folder / "root"
    root.mkdir()
    both(box, "diff", "tsinghua", "--tool", "pip", "--root", str(root))
    both(box, "use", "tsinghua", "--tool", "pip", "--root", str(root))
    both(box, "undo", "--root", str(root))


def test_a_folder_that_is_no_text(box: Sandbox) -> None:
    """A name of bytes that aren't UTF-8 comes as lone surrogates."""
    root = Path(os.fsdecode(os.fsencode(box.folder) + b"/\xff\x9b"))
    root.mkdir()
    both(box, "diff", "tsinghua", "--tool", "pip", "--root", str(root))


def test_a_config_of_mirrorcfgs_own(box: Sandbox) -> None:
    box.write(box.home / ".config/mirrorcfg/config.toml", f"chain = [{json.dumps(HOSTILE)}]\n")
    for argv in (("config",), ("config", "chain"), ("failover",), ("use",)):
        both(box, *argv)


def test_a_profile_from_elsewhere(box: Sandbox) -> None:
    file = box.folder / "acme.toml"
    hidden = "\u202e\u200b\U000e0041\ufe0f"
    file.write_text(
        f'schema = 1\nname = "acme"\n# {hidden}\r\n[pip]\nindex-url = "https://a.example/simple"\n'
    )
    both(box, "profile", "add", str(file))
    both(box, "profile", "remove", "acme")


def test_a_question_to_a_person(box: Sandbox) -> None:
    box.profile("acme", '[pip]\nindex-url = "https://a.example/simple"')
    home = box.folder / "h\x1b[31m\u202e"
    box.home.rename(home)
    box.environ["HOME"] = str(home)
    done = talk(box, "use", "acme", "--tool", "pip", "--no-verify", answers=[("files?", "n")])
    assert "\x1b[31m" not in done.out
    assert "\u202e" not in done.out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_stream_that_lacks_what_is_said(box: Sandbox, encoding: str) -> None:
    """Neither a crash, nor bytes that a terminal of that encoding takes for controls."""
    box.profile("acme", '# \u6e05\u534e \x9b \xe9\n[pip]\nindex-url = "https://a.example/simple"\n')
    environ = box.environ | {"PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONUTF8": "0"}
    for argv in (("profile", "show", "acme"), ("ls",), ("ls", "--json"), ("use", "\u6e05\u534e")):
        done = subprocess.run([PROGRAM, *argv], env=environ, capture_output=True, timeout=60)
        assert b"Traceback" not in done.stderr
        assert b"internal" not in done.stderr
        assert clean(done.stdout.decode(encoding))
        assert "--json" not in argv or json.loads(done.stdout.decode(encoding))["status"] == "ok"


# -- legitimate neighbours ---------------------------------------------------------------------------------------


def test_a_title_in_chinese_is_shown_as_it_is(box: Sandbox) -> None:
    assert "\u6e05\u534e" in box.run("profile", "show", "tsinghua", code=0).out


def test_what_is_for_a_shell_or_a_file_stays_byte_for_byte(box: Sandbox) -> None:
    for form in ("sh", "powershell", "dockerfile", "cloud-init", "github-actions", "gitlab-ci", "ansible"):
        argv = ("script", "tsinghua", "--format", form, "--tool", "pip")
        assert box.run(*argv, code=0).out.rstrip("\n") == box.json(*argv)["data"]["text"].rstrip("\n")
    for shell in ("bash", "fish", "pwsh", "cmd", "github", "dotenv"):
        argv = ("env", "tsinghua", "--tool", "pip", "--shell", shell)
        assert box.run(*argv, code=0).out.splitlines() == box.json(*argv)["data"]["lines"]
    script = f'eval "$({PROGRAM} env tsinghua --tool pip --shell bash)"; printf %s "$PIP_INDEX_URL"'
    done = subprocess.run(["bash", "-c", script], env=box.environ, capture_output=True, text=True)
    assert done.stdout == box.json("env", "tsinghua", "--tool", "pip")["data"]["variables"]["PIP_INDEX_URL"]


def test_colours_of_ours_stay(box: Sandbox) -> None:
    out = box.run("diff", "tsinghua", "--tool", "pip", environ={"FORCE_COLOR": "1"}).out
    assert "\x1b[32m+index-url" in out


def test_a_tab_and_a_crlf_of_a_file(box: Sandbox) -> None:
    box.write(box.pip_conf, "[global]\r\ntimeout =\t5\r\n")
    out = box.run("diff", "tsinghua", "--tool", "pip").out
    assert " timeout =\t5\n" in out


# -- whatever it is ----------------------------------------------------------------------------------------------

anything = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x00\x07\x1b\x7f\x85\x9b\n\r\t\v\u200b\u200e\u202e\u2028\u2066\u061c\ufeff\U000e0041\ud800"
        ),
    ),
    max_size=12,
)
maybe = st.one_of(st.none(), anything)


@st.composite
def of_type(draw: st.DrawFn, kind: type) -> Any:
    """A payload of that type, its texts whatever there is."""
    return payloads.made(kind, lambda: draw(anything), lambda: draw(st.booleans()))


findings = st.lists(st.builds(Finding, anything, anything, maybe, maybe, maybe), max_size=2)
errors = st.builds(
    lambda code, what, path, key, hint: MirrorcfgError(code, what, path=path, line=1, key=key, hint=hint),
    anything,
    anything,
    maybe,
    maybe,
    maybe,
)
several = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


def drawn(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    for said in (out, err):
        assert clean(said), ascii(said)
    return out


@pytest.mark.parametrize("command", sorted(DRAWERS))
@several
@given(given=st.data(), notes=findings)
def test_no_control_of_any_result_is_drawn(
    capsys: pytest.CaptureFixture[str], command: str, given: st.DataObject, notes: list[Finding]
) -> None:
    data = given.draw(of_type(payloads.of(DRAWERS[command])))
    answer = Answer.of(Result(command, data, findings=notes), DRAWERS[command])
    render.answer(answer, as_json=False)
    drawn(capsys)
    render.answer(answer, as_json=True)
    assert json.loads(drawn(capsys))["command"] == command


@several
@given(error=errors, command=anything, what=of_type(Event))
def test_no_control_of_an_error_or_an_event_is_drawn(
    capsys: pytest.CaptureFixture[str], error: MirrorcfgError, command: str, what: Event
) -> None:
    for as_json in (False, True):
        render.failure(error, command, as_json)
        out = drawn(capsys)
        assert not as_json or json.loads(out)["error"]["line"] == 1
    watch._line(what)
    assert drawn(capsys).count("\n") == 1
    watch._json(what)
    assert json.loads(drawn(capsys))["schema"] == 1


@several
@given(note=st.builds(Finding, anything, anything, anything, maybe, anything))
def test_a_finding_has_no_more_lines_than_ours(capsys: pytest.CaptureFixture[str], note: Finding) -> None:
    render.note(note)
    _, err = capsys.readouterr()
    assert err.count("\n") == 1 + bool(note.path) + bool(note.hint)


def test_nothing_but_the_screen_writes() -> None:
    """A second way to the terminal would be one that nobody cleans."""
    source = Path(sys.modules[render.__name__].__file__ or "").parents[1]
    writes = (
        "typer.echo(",
        "typer.confirm(",
        "typer.prompt(",
        "print(",
        "sys.stdout.write(",
        "sys.stderr.write(",
    )
    found = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if any(f" {each}" in path.read_text() for each in writes)
    }
    # The version and the help are ours alone; the schema goes to a file of the repository.
    assert found <= {
        "cli/screen.py",
        "cli/app.py",
        "cli/options.py",
        "ops/schema.py",
        "writers/pip/__init__.py",
    }
