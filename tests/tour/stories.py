"""The tour's scenes: what a user types, in one home after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.tour.stage import Stage

FAR = tuple(f"far-{number:02}" for number in range(1, 13))


def first_minute(stage: Stage) -> Iterator[str]:
    yield stage.show("ls", "--tool", "conda")
    yield stage.show("verify", "campus", "backup")
    yield stage.show("use", "campus", answers=("d", "y"))
    yield stage.show("status", "--tool", "pip")
    yield stage.show("undo", answers=("y",))


def failed_use(stage: Stage) -> Iterator[str]:
    yield stage.show("use", "dead")


def failover_asked(stage: Stage) -> Iterator[str]:
    stage.run("use", "dead", "--no-verify", "--yes")
    yield stage.show("failover", answers=("y",))


def five_layers(stage: Stage) -> Iterator[str]:
    stage.write("xdg/pip/pip.conf", "[global]\nindex-url = https://all.example/simple\n")
    stage.write(".pip/pip.conf", "[global]\nindex-url = https://old.example/simple\ntimeout = 60\n")
    stage.write("venv/pyvenv.cfg", "home = /usr/bin\n")
    stage.write("venv/bin/python", "").chmod(0o755)
    stage.write("venv/bin/pip", f"#!{stage.home}/venv/bin/python\n").chmod(0o755)
    stage.write(
        "venv/pip.conf",
        "[global]\nextra-index-url =\n    https://one.example/simple\n    https://two.example/simple\n",
    )
    venv = stage.home / "venv"
    here = {
        "VIRTUAL_ENV": str(venv),
        "PATH": str(venv / "bin"),
        "PIP_INDEX_URL": "https://shell.example/simple",
    }
    yield stage.show("status", "--explain", "--tool", "pip", **here)


def without_network(stage: Stage) -> Iterator[str]:
    alone = stage.without_dns()
    yield stage.show("verify", *FAR, within=alone)
    yield stage.show("verify", *FAR[:4], "campus", "dead", within=alone)
    yield stage.show("use", "far-01", "--timeout", "4", within=alone)


def history_of_thirty(stage: Stage) -> Iterator[str]:
    yield stage.show("history", MIRRORCFG_STATE=str(stage.thirty))


def errors(stage: Stage) -> Iterator[str]:
    stage.profile("typo", "", '[pip]\nindex-ulr = "https://mirror.example/simple"\n')
    yield stage.show("profile", "check", "typo")
    stage.write(".config/pip/pip.conf", "[global]\nindex-url = https://mirror.example/simple\nnonsense\n")
    yield stage.show("use", "campus", "--no-verify")
    stage.write(".config/mirrorcfg/config.toml", 'chain = ["campus"]\ntimout = 5\n')
    yield stage.show("config")
    stage.write(".config/mirrorcfg/config.toml", 'chain = ["campus", "backup"]\ntimeout = 5\n')
    yield stage.show("config")
    (stage.home / "open").mkdir()
    (stage.home / "open").chmod(0o777)
    yield stage.show("history", MIRRORCFG_STATE=str(stage.home / "open"))


STORIES: dict[str, Callable[[Stage], Iterator[str]]] = {
    "first-minute": first_minute,
    "failed-use": failed_use,
    "failover-asked": failover_asked,
    "five-layers": five_layers,
    "without-network": without_network,
    "history-of-thirty": history_of_thirty,
    "errors": errors,
}


def played(stage: Stage) -> dict[str, str]:
    """Every scene, by the name of its capture."""
    return {f"{name}.{stage.kind.name}": "\n".join(story(stage)) for name, story in STORIES.items()}
