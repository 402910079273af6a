"""The command line: one command, or a few that belong together, a file."""
