"""The profiles there are: one's own, those from elsewhere, and whose they are."""
