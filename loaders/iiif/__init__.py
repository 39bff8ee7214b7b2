"""IIIF documents, Presentation 2 and 3, read into records."""
