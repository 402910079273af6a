"""The file system: with whose rights it is used, and along which links.

A `Disk` never goes through a symbolic link. What follows one is `place.locate`, step by step, and it knows
where links may lead: inside the system under `--root`, and for root only along links of root's own.
"""
