"""What scripts rely on: the JSON of every command, exit codes, streams, and what is never printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import jsonschema
import pytest

from tests.sandbox import PROGRAM, Sandbox

TEXT, FLAG, NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "integer"}
MAYBE = {"type": ["string", "null"]}
TEXTS = {"type": "array", "items": TEXT}


def thing(**keys: object) -> dict[str, object]:
    """An object with exactly these keys."""
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


FILES = {
    "type": "array",
    "items": thing(path=TEXT, action={"enum": ["created", "changed", "removed", "unchanged", "skipped"]}),
}
CHANGED = thing(profile=MAYBE, files=FILES, effective=TEXTS, shadowed_by=TEXTS)
TOOLS = {"type": "object", "additionalProperties": CHANGED}
GENERATION = {"type": ["integer", "null"]}
TITLES = {"type": "object", "additionalProperties": TEXT}
PROFILE = {
    "name": TEXT,
    "title": TEXT,
    "titles": TITLES,
    "layer": TEXT,
    "path": TEXT,
    "homepage": MAYBE,
    "failure_domain": MAYBE,
    "failover": TEXTS,
    "checked": MAYBE,
    "extends": MAYBE,
    "aliases": TEXTS,
    "needs": TEXTS,
    "origin": {
        "anyOf": [
            {"type": "null"},
            thing(url=TEXT, sha256=TEXT, time=TEXT, ca_file=MAYBE, bases=TITLES, edited=FLAG),
        ]
    },
    "tools": TEXTS,
    "in_use": TEXTS,
}
VERIFIED = {"anyOf": [{"type": "null"}, thing(sources=NUMBER, ms={"type": "number"})]}
STORED = thing(
    changed=FLAG,
    name=TEXT,
    path=TEXT,
    url=MAYBE,
    sha256=MAYBE,
    action={"enum": ["created", "changed", "unchanged", "removed", "none"]},
    diff=TEXT,
)
DATA = {
    "use": thing(changed=FLAG, generation=GENERATION, tools=TOOLS, verified=VERIFIED, dry_run=FLAG),
    "undo": thing(changed=FLAG, generation=GENERATION, tools=TOOLS, verified=VERIFIED, dry_run=FLAG),
    "restore": thing(changed=FLAG, generation=GENERATION, tools=TOOLS, verified=VERIFIED, dry_run=FLAG),
    "diff": thing(
        changed=FLAG,
        generation={"type": "null"},
        tools=TOOLS,
        diffs={"type": "object", "additionalProperties": TEXT},
    ),
    "status": thing(
        generation=GENERATION,
        tools={
            "type": "object",
            "additionalProperties": thing(
                profile=MAYBE,
                effective=TEXTS,
                layer=MAYBE,
                shadowed_by=TEXTS,
                drifted=FLAG,
                unknown=FLAG,
                out_of_step={"anyOf": [TEXTS, {"type": "null"}]},
                layers={"type": "null"},
                file=MAYBE,
                scope={"enum": ["user", "system", "venv", None]},
            ),
        },
    ),
    "env": thing(
        profile=TEXT,
        shell=TEXT,
        variables={"type": "object", "additionalProperties": MAYBE},
        lines=TEXTS,
    ),
    "verify": thing(
        sources={
            "type": "array",
            "items": thing(
                profile=MAYBE,
                tool=TEXT,
                role=TEXT,
                url=TEXT,
                ok=FLAG,
                code=TEXT,
                level=NUMBER,
                final_url=MAYBE,
                message=TEXT,
                hint=MAYBE,
                ms={"type": "number"},
                phases={"type": "object"},
                certificate_days={"type": ["integer", "null"]},
                fetched=TEXTS,
                files_from={"type": ["string", "null"]},
                warnings=TEXTS,
            ),
        },
        absent=TEXTS,
    ),
    "history": thing(
        generations={
            "type": "array",
            "items": thing(number=NUMBER, time=TEXT, command=TEXT, reason=TEXT, tools={"type": "object"}),
        }
    ),
    "recover": thing(changed=FLAG, recovered=TEXTS),
    "script": thing(format=TEXT, style=TEXT, profile=TEXT, tools={"type": "object"}, text=TEXT),
    "config": thing(
        settings={"type": "object", "additionalProperties": thing(value={}, origin=MAYBE, help=TEXT)}
    ),
    "ls": thing(profiles={"type": "array", "items": thing(**PROFILE)}),
    "profile show": thing(**PROFILE, offers={"type": "object"}, variables={"type": "object"}, text=TEXT),
    "profile check": thing(name=TEXT, path=TEXT, needs=TEXTS),
    "profile new": thing(changed=FLAG, name=TEXT, path=TEXT, text=TEXT),
    "profile add": STORED,
    "profile update": thing(changed=FLAG, profiles={"type": "array", "items": STORED}),
    "profile remove": STORED,
}
FINDING = thing(code=TEXT, message=TEXT, hint=MAYBE, tool=MAYBE, path=MAYBE)
ERROR = thing(
    code={"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    message=TEXT,
    hint=MAYBE,
    path=MAYBE,
    line={"type": ["integer", "null"]},
    column={"type": ["integer", "null"]},
    key=MAYBE,
    others={"type": "array", "items": thing(code=TEXT, message=TEXT, hint=MAYBE, path=MAYBE)},
)
ENVELOPE = thing(
    schema={"const": 1},
    command=TEXT,
    status={"enum": ["ok", "unchanged", "partial", "shadowed", "failed"]},
    exit_code=NUMBER,
    data={"type": "object"},
    findings={"type": "array", "items": FINDING},
    error={"anyOf": [{"type": "null"}, ERROR]},
)

COMMANDS = [
    ("use", "tsinghua", "--tool", "pip"),
    ("use", "tsinghua", "--tool", "pip", "--dry-run"),
    ("diff", "nju", "--tool", "pip"),
    ("status",),
    ("history",),
    ("undo",),
    ("restore", "0"),
    ("recover",),
    ("env", "nju", "--shell", "fish"),
    ("script", "tsinghua", "--format", "sh"),
    ("config",),
    ("ls",),
    ("profile", "show", "harbor"),
    ("profile", "check", "tsinghua"),
    ("profile", "new", "acme", "--from", "tsinghua"),
    ("profile", "add", "own.toml"),
    ("profile", "update"),
    ("profile", "remove", "own"),
]


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_every_command_answers_in_the_agreed_shape(box: Sandbox, argv: tuple[str, ...]) -> None:
    if argv[0] in ("undo", "restore", "history", "status"):
        box.run("use", "nju", "--tool", "pip", code=0)
    box.write(box.folder / "own.toml", 'schema = 1\nname = "own"\n[pip]\ndefault = true\n')
    if argv[1:2] in (("update",), ("remove",)):
        box.run("profile", "add", "own.toml", code=0)
    answer = box.json(*argv)
    jsonschema.validate(answer, ENVELOPE)
    jsonschema.validate(answer["data"], DATA[answer["command"]])
    assert answer["command"] == " ".join(argv[: 2 if argv[0] == "profile" else 1])
    assert answer["error"] is None


def test_a_source_that_is_no_good_has_a_verdict_and_keeps_use_from_writing(box: Sandbox) -> None:
    box.profile("gone", '[pip]\nindex-url = "https://gone.invalid/simple"\n')
    answer = box.json("verify", "gone", code=3)
    jsonschema.validate(answer, ENVELOPE)
    jsonschema.validate(answer["data"], DATA["verify"])
    assert {source["code"] for source in answer["data"]["sources"]} == {"dns-failure"}
    refused = box.json("use", "gone", "--tool", "pip", "--verify", "--timeout", "5", code=3)
    assert refused["error"]["code"] == "dns-failure"
    assert refused["error"]["path"] == "https://gone.invalid/simple"
    assert not box.pip_conf.exists()


WRONG = [
    (("use", "tsingua"), 1, "unknown-profile"),
    (("use", "tsinghua", "--tool", "pop"), 2, "unknown-tool"),
    (("use", "tsinghua", "--with", "pip"), 2, "bad-option"),
    (("use", "tsinghua", "--scope", "all"), 2, "usage"),
    (("use", "tsinghua", "--root", "/nonexistent"), 2, "no-such-root"),
    (("use", "tsinghua", "--root", ".", "--scope", "user"), 2, "root-is-system"),
    (("use", "tsinghua", "--tool", "pip", "--scope", "venv"), 2, "no-such-scope"),
    (("use", "aliyun", "--tool", "conda"), 1, "unavailable"),
    (("use", "harbor"), 1, "variable-missing"),
    (("use",), 2, "no-profile"),
    (("config", "timeuot"), 2, "unknown-key"),
    (("nonsense",), 2, "usage"),
    (("env", "nju", "--shell", "tcsh"), 2, "unknown-shell"),
    (("env", "nju", "--tool", "docker"), 1, "tool-not-in-profile"),
    (("env", "nju", "--shell", "github", "--unset"), 1, "not-quotable"),
    (("script", "tsinghua", "--format", "tcl"), 2, "unknown-format"),
    (("script", "tsinghua", "--format", "powershell", "--style", "bootstrap"), 2, "no-such-style"),
    (("script", "official", "--format", "sh", "--style", "standalone"), 3, "nothing-to-write"),
    (("script", "aliyun", "--format", "sh", "--tool", "conda"), 1, "unavailable"),
    (("restore", "-1"), 2, "usage"),
    (("restore", "7"), 1, "nothing-to-undo"),
    (("undo",), 1, "nothing-to-undo"),
    (("profile", "show", "nope"), 1, "unknown-profile"),
    (("profile", "new", "Not A Name"), 1, "profile-name"),
]


@pytest.mark.parametrize(("argv", "code", "error"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_every_error_has_a_code_a_sentence_and_an_exit_code(
    box: Sandbox, argv: tuple[str, ...], code: int, error: str
) -> None:
    answer = box.json(*argv, code=code)
    jsonschema.validate(answer, ENVELOPE)
    assert (answer["status"], answer["error"]["code"]) == ("failed", error)
    assert answer["error"]["message"].endswith((".", "?")), answer["error"]["message"]
    plain = box.run(*argv, code=code)
    assert f"error[{error}]: " in plain.err
    assert plain.out == ""


def test_run_answers_only_where_its_command_was_not_started(box: Sandbox) -> None:
    box.profile("gone", '[pip]\nindex-url = "https://gone.invalid/simple"\n')
    chain = ("run", "--json", "--chain", "gone", "--timeout", "5")
    for argv, code, error in (
        (("run", "--json", "--", "true"), 2, "no-chain"),
        ((*chain, "--tool", "pip", "--", "true"), 3, "dns-failure"),
        ((*chain, "--tool", "conda", "--", "true"), 3, "no-source"),
        ((*chain, "--tool", "docker", "--", "true"), 2, "no-variables"),
        ((*chain, "--set", "a=b", "--", "pip"), 2, "unknown-variable"),
    ):
        answer = box.run(*argv, code=code).json
        jsonschema.validate(answer, ENVELOPE)
        assert (answer["command"], answer["error"]["code"]) == ("run", error)


def test_a_file_that_pip_could_not_read_is_named_with_line_and_column(box: Sandbox) -> None:
    box.write(box.pip_conf, "[global]\ntimeout = 5\nnonsense\n")
    done = box.run("use", "tsinghua", "--tool", "pip", code=1)
    assert f"at {box.pip_conf}:3:1" in done.err
    assert "hint: " in done.err


def test_no_credential_of_the_users_is_shown(box: Sandbox) -> None:
    secret = "hunter2-planted"
    box.write(
        box.pip_conf,
        f"[global]\nindex-url = https://me:{secret}@old.example/simple\nproxy = http://me:{secret}@p.example:3128\n",
    )
    box.write(
        box.root / "etc/docker/daemon.json",
        f'{{\n  "log-opts": {{"splunk-token": "{secret}"}},\n  "debug": true\n}}\n',
    )
    environ = {"PIP_EXTRA_INDEX_URL": f"https://me:{secret}@extra.example/simple"}
    root = ("--root", str(box.root))
    runs = [
        box.run(*argv, *json, environ=environ)
        for json in ((), ("--json",))
        for argv in (
            ("status", "--explain"),
            ("diff", "tsinghua", "--tool", "pip"),
            ("diff", "china", *root),
            ("use", "tsinghua", "--tool", "pip"),
            ("use", f"https://me:{secret}@x.example/p.toml"),
            ("history",),
            ("undo",),
            ("status", "--explain", *root),
        )
    ]
    assert not [run for run in runs if secret in run.out + run.err]
    for path in (box.folder / "state").rglob("*"):
        if secret in (path.read_text(errors="replace") if path.is_file() else ""):
            assert path.stat().st_mode & 0o077 == 0, path


def test_data_goes_to_stdout_and_all_else_to_stderr(box: Sandbox) -> None:
    done = box.run("use", "tsinghua", "--tool", "pip", code=0)
    assert "changed" in done.out or "created" in done.out
    assert "undo" in done.err
    assert "undo" not in done.out


def test_colours_only_when_they_are_wanted(box: Sandbox) -> None:
    assert "\x1b[" not in box.run("undo").err
    assert "\x1b[" in box.run("undo", environ={"FORCE_COLOR": "1"}).err
    assert "\x1b[" not in box.run("undo", environ={"FORCE_COLOR": "1", "NO_COLOR": "1"}).err


def test_a_reader_that_goes_away_is_no_error(box: Sandbox) -> None:
    script = f"{PROGRAM} profile show tsinghua | head -c 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"], env=box.environ, capture_output=True, text=True
    )
    assert done.stderr == ""


def test_a_profile_of_ones_own(box: Sandbox) -> None:
    done = box.json("profile", "new", "acme", "--from", "harbor", "--set", "host=harbor.acme.example")
    path = Path(done["data"]["path"])
    assert path == box.home / ".config/mirrorcfg/profiles/acme.toml"
    assert "acme" in [entry["name"] for entry in box.json("ls")["data"]["profiles"]]
    box.run("profile", "check", "acme", code=0)
    assert box.json("profile", "new", "acme", code=2)["error"]["code"] == "profile-exists"
    path.write_text(path.read_text().replace("extends", "extend"))
    answer = box.json("profile", "check", "acme", code=1)
    assert answer["error"]["path"] == str(path)
    assert answer["error"]["line"] is not None
    assert "extends" in answer["error"]["message"]
    assert [finding["path"] for finding in box.json("ls")["findings"]] == [
        f"{path}:{answer['error']['line']}"
    ]


@pytest.mark.parametrize("form", ["--root={}", "--root {}"])
def test_what_takes_a_change_back_is_for_the_same_place(box: Sandbox, form: str) -> None:
    root = form.format(box.root).split()
    done = box.run("use", "china", "--tool", "pip", "--no-verify", "--yes", *root, code=0)
    assert done.err.rstrip().endswith(f"mirrorcfg undo --root {box.root}")


def test_an_error_bears_the_whole_name_of_its_command(box: Sandbox) -> None:
    assert box.run("profile", "check", "--json", "nosuch").json["command"] == "profile check"
    assert box.run("profile", "check", "--json", "--nosuch").json["command"] == "profile check"


def test_an_option_of_the_command_that_is_run_is_its_own(box: Sandbox) -> None:
    done = box.run("run", "--chain", "official", "--tool", "pip", "nosuch", "--json")
    assert (done.out, done.err.startswith("error[")) == ("", True)
