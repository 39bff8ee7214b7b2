"""Offline: an image becomes a vector, vectors become neighbours, neighbours become a weighted graph."""
