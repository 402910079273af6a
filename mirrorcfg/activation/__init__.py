"""Tells a running program that its file has changed, and reads back what it took.

It gets paths and bytes from `ops`, and knows neither the store nor the writers. A tool without a module here
reads its file again each time it runs.
"""

FILES = {"docker": ".json"}
"""The tools that have a program running all the time, and how the name of a file ends that it is told of."""
