"""Each format costs only what it needs: a command that edits pip.conf must not load a YAML parser."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["ini", "json", "yaml", "toml", "keys", "text"])
def test_importing_a_format_loads_no_library(name: str) -> None:
    code = f"import sys, mirrorcfg.formats.{name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"ruamel.yaml", "tomlkit", "yaml"} & set(done.stdout.split())
