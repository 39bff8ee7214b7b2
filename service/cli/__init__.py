"""The command ``xdegrees``. Nothing heavy is imported before a command needs it: ``--help`` answers at once."""

from service.cli.main import main

__all__ = ["main"]
