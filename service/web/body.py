"""The body of a request for a path: multipart with pictures, or JSON."""

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from pydantic import ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from service.web.context import context
from service.web.problems import refuse_invalid
from service.web.queries import PathQuery
from stores.errors import BadInput, TooLarge

_ENDS: Final = ("from", "to")


def read_body() -> tuple[PathQuery, dict[str, bytes]]:
    """Return what a body asks for, and the pictures in it by the end that they are."""
    if request.is_json:
        return _checked(_object(), {})
    if request.mimetype not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise UnsupportedMediaType
    several = {name for name, field in PathQuery.model_fields.items() if field.annotation == list[str]}
    fields = {name: found if name in several else found[-1] for name, found in request.form.lists()}
    try:
        return _checked(fields, _pictures())
    finally:
        for file in request.files.values():
            file.close()


def _object() -> Mapping[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadInput('the body is not a JSON object such as {"from": "key:1", "to_text": "storm at sea"}')
    return body


def _pictures() -> dict[str, bytes]:
    """Read the files that a body carries, none larger than MAX_UPLOAD_MB."""
    unknown = sorted(request.files.keys() - {f"{end}_image" for end in _ENDS})
    if unknown:
        raise BadInput(
            f"{', '.join(unknown)}: there is no such file; there are from_image and to_image",
            [(name, "there is no such file") for name in unknown],
        )
    limit = context().settings.max_upload_mb
    pictures = {}
    for end in _ENDS:
        if file := request.files.get(f"{end}_image"):
            data = file.stream.read(int(limit * 1e6) + 1)
            if len(data) > limit * 1e6:
                message = f"is larger than the {limit:g} MB that are taken: send a smaller picture"
                raise TooLarge(f"{end}_image: {message}", [(f"{end}_image", message)])
            pictures[end] = data
    return pictures


def _checked(fields: Mapping[str, Any], pictures: Mapping[str, bytes]) -> tuple[PathQuery, dict[str, bytes]]:
    """Validate what was sent; a picture stands where else an artwork is named, so both at once are refused."""
    twice = [end for end in pictures if fields.get(end)]
    if twice:
        message = "is given as an artwork, and as a picture: give one"
        raise BadInput(f"{twice[0]}: {message}", [(end, message) for end in twice])
    try:
        return PathQuery.model_validate({**fields, **{end: f"image:{end}" for end in pictures}}), dict(pictures)
    except ValidationError as error:
        refuse_invalid(error)
