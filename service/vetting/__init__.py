"""A collection as an editor vets it before the public does: figures, samples of paths, one page."""
