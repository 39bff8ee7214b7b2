"""The body of a request for a path: multipart with pictures, or JSON."""

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final, TypeVar, get_origin

from flask import request
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from service.intake import Sent
from service.web.context import context
from service.web.problems import refuse_invalid
from service.web.queries import PathQuery
from stores.errors import BadInput, TooLarge

Q = TypeVar("Q", bound=PathQuery)

_ENDS: Final = ("from", "to")
_PATCH: Final = '{"title": "Waves", "style": null}'


def read_body(model: type[Q]) -> tuple[Q, dict[str, bytes]]:
    """Return what a body asks for, and the pictures in it by the end that they are."""
    if request.is_json:
        return _checked(model, _object('{"from": "key:1", "to_text": "storm at sea"}'), {})
    if request.mimetype not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise UnsupportedMediaType(
            "A path is asked for in JSON (application/json) or a form (multipart/form-data), with from and to."
        )
    try:
        return _checked(model, fields_of(model, request.form), _pictures())
    finally:
        for file in chain.from_iterable(request.files.listvalues()):
            file.close()


def fields_of(model: type[PathQuery], sent: MultiDict[str, str]) -> dict[str, Any]:
    """Return what was sent by name: a list where the model takes several, else the last."""
    several = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}
    return {name: found if name in several else found[-1] for name, found in sent.lists()}


def _object(example: str) -> Mapping[str, Any]:
    try:
        body = request.get_json(force=True)
    except RecursionError as error:
        raise BadInput(f"the body is nested deeper than any JSON object such as {example}") from error
    except BadRequest as error:
        raise BadRequest(f"The body is no JSON: send an object such as {example}.") from error
    if not isinstance(body, dict):
        raise BadInput(f"the body is not a JSON object such as {example}")
    return body


def _pictures() -> dict[str, bytes]:
    """Read the files that a body carries, none larger than MAX_UPLOAD_MB."""
    unknown = sorted(request.files.keys() - {f"{end}_image" for end in _ENDS})
    if unknown:
        raise BadInput(
            f"{', '.join(unknown)}: there is no such file; there are from_image and to_image",
            [(name, "there is no such file") for name in unknown],
        )
    _refuse_twice()
    return {end: data for end in _ENDS if (data := _file(f"{end}_image")) is not None}


def _refuse_twice() -> None:
    twice = sorted(name for name in request.files if len(request.files.getlist(name)) > 1)
    if twice:
        message = "is sent more than once: send one picture"
        raise BadInput(f"{twice[0]}: {message}", [(name, message) for name in twice])


def _file(name: str) -> bytes | None:
    """Read a file that a form carries, if it does; TooLarge beyond MAX_UPLOAD_MB."""
    file = request.files.get(name)
    if file is None:
        return None
    limit = context().settings.max_upload_mb
    data = file.stream.read(int(limit * 1e6) + 1)
    if len(data) > limit * 1e6:
        message = f"is larger than the {limit:g} MB that are taken (XDEGREES_MAX_UPLOAD_MB): send a smaller picture"
        raise TooLarge(f"{name}: {message}", [(name, message)])
    return data


def read_sent() -> Sent:
    """Return the artwork in a form: its picture, and fields as in a row of metadata; what stands twice is a list."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType(
            "An artwork is sent as a form (multipart/form-data): its picture as the file image, and its metadata."
        )
    try:
        if unknown := sorted(request.files.keys() - {"image"}):
            raise BadInput(
                f"{', '.join(unknown)}: there is no such file; the picture is called image",
                [(name, "there is no such file") for name in unknown],
            )
        _refuse_twice()
        fields = {name: found if len(found) > 1 else found[0] for name, found in request.form.lists()}
        return Sent(_file("image") or b"", fields)
    finally:
        for file in chain.from_iterable(request.files.listvalues()):
            file.close()


def read_patch_body() -> Mapping[str, Any]:
    """Return a JSON merge patch."""
    if request.mimetype not in ("application/merge-patch+json", "application/json"):
        raise UnsupportedMediaType(f"A change is sent as JSON (application/merge-patch+json), such as {_PATCH}.")
    return _object(_PATCH)


def _checked(model: type[Q], fields: Mapping[str, Any], pictures: Mapping[str, bytes]) -> tuple[Q, dict[str, bytes]]:
    """Validate what was sent; a picture stands where else an artwork is named, so both at once are refused."""
    twice = [end for end in pictures if fields.get(end)]
    if twice:
        message = "is given as an artwork, and as a picture: give one"
        raise BadInput(f"{twice[0]}: {message}", [(end, message) for end in twice])
    try:
        return model.model_validate({**fields, **{end: f"image:{end}" for end in pictures}}), dict(pictures)
    except ValidationError as error:
        refuse_invalid(error)
