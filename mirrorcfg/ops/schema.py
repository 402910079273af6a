"""The JSON Schema of profiles, made from the writers' keys: `make schema` runs this."""

from __future__ import annotations

import json
import sys

from mirrorcfg.ops.tools import catalogue
from mirrorcfg.profiles.schema import schema


def text() -> str:
    """The schema's file, as it stands in profiles/."""
    return json.dumps(schema(catalogue()), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
