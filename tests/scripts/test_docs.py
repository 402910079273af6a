"""Every snippet of the recipes is run, or judged by the schema of what it is a file of."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.sandbox import Sandbox
from tests.scripts.test_run import apart
from tests.scripts.workshop import PROFILE

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS = {".github/workflows/": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}


def snippets(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    assert {name for name, _ in found} <= {"sh", "yaml"}, "a snippet that no test knows"
    return [text for name, text in found if name == language]


@pytest.mark.parametrize("page", ["onboarding.md", "ci.md"])
def test_the_commands_of_a_page_work_one_after_the_other(box: Sandbox, page: str) -> None:
    parts.program("ansible-playbook")
    box.profile("acme", PROFILE)
    script = "set -eux\n" + "\n".join(snippets(page, "sh"))
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = apart(box, "sh", "-c", script, PATH=path)
    assert done.returncode == 0, done.stdout + done.stderr
    left = {item.name for item in (box.folder / "etc").iterdir()}
    assert left == {"passwd", "group", "hosts", "nsswitch.conf"}  # each recipe ends as it began
    assert not box.pip_conf.exists()


@pytest.mark.parametrize("number", range(len(snippets("ci.md", "yaml"))))
def test_a_pipelines_file_fits_its_schema(tmp_path: Path, number: int) -> None:
    text = snippets("ci.md", "yaml")[number]
    name = text.split("\n", 1)[0].removeprefix("# ")
    (schema,) = (schema for start, schema in SCHEMAS.items() if name.startswith(start))
    file = tmp_path / "it.yml"
    file.write_text(text)
    done = subprocess.run(
        [
            parts.program("check-jsonschema"),
            "--builtin-schema",
            schema,
            "--data-transform",
            "gitlab-ci",
            str(file),
        ]
        if schema.endswith("gitlab-ci")
        else [parts.program("check-jsonschema"), "--builtin-schema", schema, str(file)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
