"""The sources: are they good, and what may take the place of what."""
