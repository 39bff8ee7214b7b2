"""HTTP: the only place that may import Flask."""
