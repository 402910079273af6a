"""The recorded tour: what a terminal shows, in the words of the real program, as files to be looked at.

`python -m tests.tour` records captures/ again; tests/tour/test_tour.py compares.
"""
