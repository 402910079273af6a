"""The options that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible adds to a module's own documentation."""

    DOCUMENTATION = r"""
options:
  program:
    description:
      - The mirrorcfg on the host, a path, or a name that is looked for on C(PATH) and in C(/usr/local/bin).
      - A C(mirrorcfg.pyz) is run by the Python that runs Ansible's modules there.
    type: str
    default: mirrorcfg
  root:
    description: Work on the system that is installed under this directory, as in an image build.
    type: path
requirements:
  - mirrorcfg on the host
  - Python 3.11 or newer on the host
author:
  - The mirrorcfg authors (@mirrorcfg)
"""
    CHANGES = r"""
attributes:
  check_mode:
    description: Asks mirrorcfg what it would change, and changes nothing.
    support: full
  diff_mode:
    description: Shows the files that change.
    support: full
"""
