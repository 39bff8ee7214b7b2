"""The command that writes the vetting page."""

from pathlib import Path

import click

from service.cli.ask import open_space
from service.cli.common import home_option, json_option, prepare, show_json
from stores.errors import BadInput


def _refuse_other_than_html(_context: click.Context, _argument: click.Parameter, out: Path) -> Path:
    if out.suffix.lower() not in (".html", ".htm"):
        raise BadInput(f"{out}: the page is HTML: let its name end in .html or .htm")
    return out


@click.command()
@click.argument(
    "out", metavar="OUT.html", type=click.Path(dir_okay=False, path_type=Path), callback=_refuse_other_than_html
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another draws other pairs.")
@home_option
@json_option
def report(out: Path, seed: int, home: str | None, as_json: bool) -> None:
    """Write a page to vet a collection by before the public sees it.

    Sample paths (best, worst, random), busiest and loneliest artworks, what looks nearly the same, bridges, and
    what has no alternative text or rights. One file, with small pictures in it.
    """
    from dataclasses import asdict  # noqa: PLC0415 -- numba is slow to import

    from service.steering import SteeringFile  # noqa: PLC0415
    from service.vetting.report import report as write  # noqa: PLC0415

    settings = prepare(home)
    with open_space(settings, needs_vectors=True) as space:
        steering = SteeringFile(settings, space.graph)
        steering.check()
        figures, samples = write(space, steering.current(), settings.images, out, seed)
    if as_json:
        show_json({**asdict(figures), "busiest": samples.busiest, "failed": samples.failed})
        return
    for lack in figures.lacks:
        click.echo(f"{lack.count:,} of {figures.artworks:,} artworks without {lack.name} ({100 * lack.share:.1f} %)")
    click.echo(f"{figures.groups_total:,} groups nearly the same, {figures.bridges_total:,} bridges")
    click.echo(f"page written to {out} ({out.stat().st_size / 1e6:.1f} MB)", err=True)
