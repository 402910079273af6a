"""The JSON Schemas of profiles and of config.toml, made from what is checked: `make schema` runs this."""

from __future__ import annotations

import json
import sys

from mirrorcfg import config, writers
from mirrorcfg.profiles.schema import schema


def text(name: str) -> str:
    """The file NAME.schema.json, as it stands in profiles/; `name` is `profile` or `config`."""
    content = config.schema() if name == "config" else schema(writers.catalogue())
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(sys.argv[1]))
