"""A profile as variables: for a shell, a CI job, or one command."""
