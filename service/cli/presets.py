"""The command that lists whose tables can be read."""

from typing import TYPE_CHECKING

import click

from service.cli.common import json_option, show_json

if TYPE_CHECKING:
    from loaders.presets.records import Preset


@click.command()
@json_option
def presets(as_json: bool) -> None:
    """List the museums whose tables `load --preset NAME` reads, and which files these are."""
    from loaders.presets import PRESETS  # noqa: PLC0415 -- not needed for --help

    if as_json:
        show_json([{"name": one.name, "about": one.about, "files": _files(one)} for one in PRESETS.values()])
        return
    for one in PRESETS.values():
        click.echo(f"{one.name}: {one.about}\n    {', '.join(_files(one))}")


def _files(preset: "Preset") -> list[str]:
    """What its tables are usually called."""
    return [*preset.files, *(name for joined in preset.joined for name in joined.files)]
