"""Ansible's module for `mirrorcfg use`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: use
short_description: Point pip, conda, docker and their like at a profile's mirrors
description:
  - Calls C(mirrorcfg use) on the host. Each new source is asked for what the tool will ask it for, and when
    one fails nothing changes.
  - Fails where a stronger file or variable keeps the profile from taking effect, and says which one.
options:
  profile:
    description: A profile's name, or the path of a profile on the host.
    type: str
    required: true
  overrides:
    description: Profiles by tool, for those that take their source from another one.
    type: dict
    default: {}
  tools:
    description: Only these tools; else all that the profile serves and that are on the host.
    type: list
    elements: str
    default: []
  scope:
    description: Whose settings to change; mirrorcfg's own default otherwise.
    type: str
    choices: [user, system, venv]
  variables:
    description: Values for the variables of the profile.
    type: dict
    default: {}
  verify:
    description: Ask the sources before anything is written.
    type: bool
    default: true
  timeout:
    description: How many seconds the sources have to answer, all together.
    type: float
    default: 10.0
extends_documentation_fragment:
  - mirrorcfg.sources.program
  - mirrorcfg.sources.program.changes
"""

EXAMPLES = r"""
- name: Every tool of the host on the team's mirrors
  mirrorcfg.sources.use:
    profile: acme

- name: pip and conda alone, conda from elsewhere
  mirrorcfg.sources.use:
    profile: tsinghua
    tools: [pip, conda]
    overrides:
      conda: nju
"""

RETURN = r"""
generation:
  description: The number of the change, for C(mirrorcfg restore); null where nothing changed.
  type: int
  returned: success
tools:
  description: By tool, its profile, its files with what was done to each, and the sources it uses now.
  type: dict
  returned: success
findings:
  description: What is worth knowing though it worked.
  type: list
  elements: dict
  returned: always
status:
  description: C(ok), C(unchanged), C(partial), C(shadowed) or C(failed).
  type: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mirrorcfg.sources.plugins.module_utils.program import ARGUMENTS, Program

OWN = {
    "profile": {"type": "str", "required": True},
    "overrides": {"type": "dict", "default": {}},
    "tools": {"type": "list", "elements": "str", "default": []},
    "scope": {"type": "str", "choices": ["user", "system", "venv"]},
    "variables": {"type": "dict", "default": {}},
    "verify": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 10.0},
}


def main() -> None:
    """Show the difference where it is asked for, and switch unless this is a check."""
    module = AnsibleModule({**ARGUMENTS, **OWN}, supports_check_mode=True)
    program, asked = Program(module), module.params
    words = [word for tool in asked["tools"] for word in ("--tool", tool)]
    words += [word for pair in asked["overrides"].items() for word in ("--with", "=".join(map(str, pair)))]
    words += [word for pair in asked["variables"].items() for word in ("--set", "=".join(map(str, pair)))]
    words += ["--scope", asked["scope"]] if asked["scope"] else []
    shown = {}
    if module.check_mode or module._diff:
        before = program.ask("diff", *words, "--", asked["profile"])
        shown = program.diff(before)
        if module.check_mode:
            program.end(before, **shown)
    how = ["--timeout", str(asked["timeout"])] if asked["verify"] else ["--no-verify"]
    program.end(program.ask("use", "--yes", *how, *words, "--", asked["profile"]), **shown)


if __name__ == "__main__":
    main()
