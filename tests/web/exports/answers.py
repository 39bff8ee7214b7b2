"""What is asked for by all tests of exports."""

import csv
import io

from flask.testing import FlaskClient

from stores.artwork import Artwork


def ids_of(artworks: dict[str, Artwork]) -> str:
    """Artworks of every display, with and without advisory, of all rights."""
    return ",".join(list(artworks)[:16])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sent(client: FlaskClient, name: str) -> str:
    answer = client.get(f"/api/v1/{name}", buffered=True)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.text
