"""Ansible's module for `mirrorcfg restore`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: restore
short_description: Put every file back to how it stood after one of mirrorcfg's changes
description:
  - Calls C(mirrorcfg restore) on the host. A file that was edited since keeps those edits.
options:
  generation:
    description: The number of the change; V(0) is how it was before mirrorcfg first ran on the host.
    type: int
    default: 0
extends_documentation_fragment:
  - mirrorcfg.sources.program
  - mirrorcfg.sources.program.changes
"""

EXAMPLES = r"""
- name: As if mirrorcfg had never been there
  mirrorcfg.sources.restore:
"""

RETURN = r"""
generation:
  description: The number of this change, for it can be undone too; null where nothing changed.
  type: int
  returned: success
tools:
  description: By tool, its profile, its files with what was done to each, and the sources it uses now.
  type: dict
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mirrorcfg.sources.plugins.module_utils.program import ARGUMENTS, Program


def main() -> None:
    """Restore; a host where mirrorcfg has changed nothing is as it was before."""
    own = {"generation": {"type": "int", "default": 0}}
    module = AnsibleModule({**ARGUMENTS, **own}, supports_check_mode=True)
    program, number = Program(module), module.params["generation"]
    answer = program.ask("restore", "--dry-run" if module.check_mode else "--yes", "--", str(number))
    if number == 0 and answer["error"] and answer["error"]["code"] == "nothing-to-undo":
        module.exit_json(changed=False, generation=None, tools={}, msg=answer["error"]["message"])
    program.end(answer, **program.diff(answer))


if __name__ == "__main__":
    main()
