"""The JSON Schemas of profiles and of config.toml, made from what is checked: `make schema` writes them."""

from __future__ import annotations

import json

from mirrorcfg import config, writers
from mirrorcfg.profiles.schema import schema


def text(name: str) -> str:
    """The file NAME.schema.json, as it stands in profiles/; `name` is `profile` or `config`."""
    content = config.schema() if name == "config" else schema(writers.catalogue())
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
