"""Presets: how the tables of museums are read, one museum a file. docs/presets.md says how to write one."""
