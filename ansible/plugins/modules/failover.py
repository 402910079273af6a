"""Ansible's module for `mirrorcfg failover`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: failover
short_description: Leave a profile that stopped working, or return to one that works again
description:
  - Calls C(mirrorcfg failover) on the host. The sources in use are asked; where they fail, the host goes to
    the next profile of the chain that passes and doesn't go down together with them.
options:
  chain:
    description: The profiles to go through, in order; the chain of the host's own settings otherwise.
    type: list
    elements: str
    default: []
  tools:
    description: Only these tools.
    type: list
    elements: str
    default: []
  timeout:
    description: How many seconds the sources have to answer, all together.
    type: float
    default: 10.0
extends_documentation_fragment:
  - mirrorcfg.sources.program
  - mirrorcfg.sources.program.changes
"""

EXAMPLES = r"""
- name: Go on, on another source
  mirrorcfg.sources.failover:
    chain: [acme, tsinghua, nju]
"""

RETURN = r"""
action:
  description: C(stay), C(switch), C(return) or C(hold).
  type: str
  returned: success
generation:
  description: The number of the change, for C(mirrorcfg restore); null where nothing changed.
  type: int
  returned: success
tools:
  description: By tool, its profile, its files with what was done to each, and the sources it uses now.
  type: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mirrorcfg.sources.plugins.module_utils.program import ARGUMENTS, Program

OWN = {
    "chain": {"type": "list", "elements": "str", "default": []},
    "tools": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 10.0},
}


def main() -> None:
    """Fail over, or say what a failover would do."""
    module = AnsibleModule({**ARGUMENTS, **OWN}, supports_check_mode=True)
    program, asked = Program(module), module.params
    words = [word for tool in asked["tools"] for word in ("--tool", tool)]
    words += ["--chain", ",".join(asked["chain"])] if asked["chain"] else []
    words += ["--timeout", str(asked["timeout"]), "--dry-run" if module.check_mode else "--yes"]
    answer = program.ask("failover", *words)
    program.end(answer, **program.diff(answer))


if __name__ == "__main__":
    main()
