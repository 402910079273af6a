"""Ansible's module for `mirrorcfg undo`."""

from __future__ import annotations

DOCUMENTATION = r"""
module: undo
short_description: Take mirrorcfg's latest change back
description:
  - Calls C(mirrorcfg undo) on the host. A file that was edited since keeps those edits.
  - An undo is a change too, so a second run takes the first back. M(mirrorcfg.sources.restore) can be
    run twice.
extends_documentation_fragment:
  - mirrorcfg.sources.program
  - mirrorcfg.sources.program.changes
"""

EXAMPLES = r"""
- name: It was a mistake
  mirrorcfg.sources.undo:
"""

RETURN = r"""
generation:
  description: The number of this change.
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
    """Undo."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    program = Program(module)
    answer = program.ask("undo", "--dry-run" if module.check_mode else "--yes")
    program.end(answer, **program.diff(answer))


if __name__ == "__main__":
    main()
