"""What a browser opens beside the page: pictures, the API's own documentation, what a problem means."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    send_file,
    send_from_directory,
)
from flask.typing import ResponseReturnValue

from cypher import browser_style
from service.web.context import context
from service.web.problems import EXPLANATIONS
from stores.errors import NotFound
from stores.pictures import PICTURE, picture_path

A_DAY: Final = 86_400

ROBOTS: Final = """User-agent: *
Allow: /api/v1/path.png
Disallow: /api/v1/path
Disallow: /parts/
Disallow: /oembed
Disallow: /api/v1/random
Disallow: /api/v1/artworks.csv
Disallow: /api/v1/edges.csv
Disallow: /api/v1/graph.graphml
"""

pages = Blueprint("pages", __name__)


@pages.get("/images/<name>")
def picture(name: str) -> ResponseReturnValue:
    """Send a picture; its name is made of digits, so no part of an address reaches the file system."""
    match = PICTURE.fullmatch(name)
    file = picture_path(context().settings.images, match[1], match[2]) if match else None
    if file is None or not file.is_file():
        raise NotFound("there is no such picture; it may have been replaced or taken down")
    return send_file(file.resolve(), mimetype="image/jpeg", max_age=A_DAY, conditional=True)


@pages.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Send the OpenAPI document."""
    return jsonify(current_app.api_doc)  # type: ignore[attr-defined]  # the app is flask-openapi3's


@pages.get("/docs")
def docs() -> ResponseReturnValue:
    """Show the OpenAPI document, with nothing from any other host."""
    return render_template("docs.html")


@pages.get("/docs/<path:name>")
def docs_file(name: str) -> ResponseReturnValue:
    """Send a part of Swagger UI, out of its package."""
    spec = find_spec("flask_openapi3_swagger")
    if spec is None or spec.origin is None:
        abort(404)
    return send_from_directory(Path(spec.origin).parent / "templates" / "swagger", name, max_age=A_DAY)


@pages.get("/problems/<code>")
def explanation(code: str) -> ResponseReturnValue:
    """Say what a problem means."""
    if code not in EXPLANATIONS:
        raise NotFound(f"there is no problem {code!r}; there are {', '.join(EXPLANATIONS)}")
    return render_template("problem.html", code=code, explanation=EXPLANATIONS[code])


@pages.get("/graph.grass")
def grass() -> ResponseReturnValue:
    """Send the style of the graph in Neo4j Browser."""
    return Response(browser_style(), mimetype="text/plain")


@pages.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Keep crawlers out of what is computed anew for each of them."""
    return Response(ROBOTS, mimetype="text/plain")
