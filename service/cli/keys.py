"""Commands about the keys that open the service to writes."""

from typing import TYPE_CHECKING

import click

from service.cli.common import home_option, json_option, prepare, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.keys import Keyring


@click.group()
def key() -> None:
    """Make, list and revoke the API keys that the service takes writes with.

    A service that runs takes a new key, and refuses a revoked one, at its next request.
    """


@key.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(("add", "remove")),
    multiple=True,
    required=True,
    help="What it may do: add, replace and describe artworks, or take them down; repeat.",
)
@home_option
@json_option
def new(name: str, scopes: "Sequence[str]", home: str | None, as_json: bool) -> None:
    """Make an API key called NAME and print it, once; only a digest of it is kept."""
    secret = _keyring(home).new(name, scopes)
    if as_json:
        show_json({"name": name, "scopes": sorted(set(scopes)), "key": secret})
        return
    click.echo(secret)
    click.echo(f"the key {name!r} may {' and '.join(sorted(set(scopes)))}; it is not shown again", err=True)


@key.command(name="list")
@home_option
@json_option
def list_keys(home: str | None, as_json: bool) -> None:
    """List the names and scopes of all keys."""
    found = _keyring(home).all()
    if as_json:
        show_json([{"name": k.name, "scopes": k.scopes, "created": k.created, "place": k.place} for k in found])
        return
    for k in found:
        made = f"made {k.created}, " if k.created else ""
        click.echo(f"{k.name}  {'+'.join(k.scopes)}  ({made}in {k.place})")
    if not found:
        click.echo("no keys: writes over HTTP are closed; make one with 'xdegrees key new NAME --scope add'", err=True)


@key.command()
@click.argument("name")
@home_option
def revoke(name: str, home: str | None) -> None:
    """Take the key called NAME back: it opens nothing any more."""
    _keyring(home).revoke(name)
    click.echo(f"the key {name!r} is revoked")


def _keyring(home: str | None) -> "Keyring":
    from service.keys import Keyring  # noqa: PLC0415 -- pydantic is not needed for --help

    return Keyring(prepare(home))
