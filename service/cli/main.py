"""The group of commands, and how errors end them."""

import sys
from typing import Any

import click

from service.cli.ask import path, search, show
from service.cli.care import check
from service.cli.change import add, remove
from service.cli.data import gallery, relink
from service.cli.exports import export
from service.cli.keep import backup, restore
from service.cli.keys import key
from service.cli.load import load
from service.cli.maps import map_command
from service.cli.presets import presets
from service.cli.run import info, serve
from service.cli.vet import report
from stores.errors import XDegreesError


class _Commands(click.Group):
    """A group whose commands end with one line and an exit code where something is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except XDegreesError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"xdegrees: {error}", err=True)
            sys.exit(error.exit_code)
        except OSError as error:
            if ctx.params.get("debug") or isinstance(error, BrokenPipeError):
                raise
            click.echo(f"xdegrees: {error.filename or 'the system'}: {error.strerror}", err=True)
            sys.exit(1)


_EXIT_CODES = """\b
Exit codes: 0 done, 1 failed, 2 not understood, 3 some files not taken (newly
quarantined, or not added), 4 refused for safety, 5 busy, 6 a store cannot be reached."""


@click.group(
    cls=_Commands,
    epilog=_EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="xdegrees")
@click.option("--debug", is_flag=True, help="Show a stack trace when something goes wrong.")
def main(debug: bool) -> None:
    """Give any two artworks a chain of artworks in which each one looks like the next.

    Begin with `xdegrees load FOLDER`, then `xdegrees path FROM TO` or `xdegrees serve`.
    """


for command in (
    load,
    presets,
    add,
    remove,
    path,
    search,
    show,
    serve,
    info,
    key,
    report,
    check,
    export,
    relink,
    map_command,
    backup,
    restore,
    gallery,
):
    main.add_command(command)
