"""Embedders, one file per family; the only place that may import torch."""
