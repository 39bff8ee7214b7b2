"""The command that lays a collection out on a map: map."""

import click

from service.cli.common import home_option, json_option, prepare, show_json


@click.command("map")
@click.option("--anew", is_flag=True, help="Begin anew, instead of going on from the map that there is.")
@home_option
@json_option
def map_command(anew: bool, home: str | None, as_json: bool) -> None:
    """Lay all artworks out on a map, neighbours near each other, for `GET /map` and the page.

    Run it again when much was added: until then newcomers lie among their neighbours. It goes on from the places that
    there are, so the map moves little; a service that runs shows the new one at once. Nobody waits while it computes.
    """
    from loaders.layout import MapReport, arrange, keep, read_task  # noqa: PLC0415 -- numba is slow to import
    from loaders.progress import Progress  # noqa: PLC0415
    from loaders.writing import Writer  # noqa: PLC0415
    from stores.connect import open_graph, open_stores, require_graph  # noqa: PLC0415

    settings, progress = prepare(home), Progress()
    require_graph(settings)
    with open_stores(settings) as stores:
        Writer(stores, settings.home).finish()
        task = read_task(stores.vectors, stores.graph, settings.home, progress, anew=anew)
    if isinstance(task, MapReport):
        report = task
    else:
        found, report = arrange(task, progress)
        with open_graph(settings) as graph:
            keep(found, graph, settings.home)
    if as_json:
        show_json(report.to_json())
    else:
        click.echo("\n".join(report.lines()))
