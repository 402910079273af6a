"""The only place that starts another program: whose it is, with whose rights it runs, and for how long.

`find` says which program is meant, `run` runs it for its answer; `command` runs the one that a user names.
"""
