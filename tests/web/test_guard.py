"""Who may write: nobody without a key, and nobody beyond the scopes of the key."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, g, request
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from service.keys import Keyring
from service.web.guard import require
from stores.errors import Forbidden, Unauthorized

ADD, BOTH = "a-key-that-may-add", "a-key-that-may-both"
KEYS = f"adder:{ADD}:add,keeper:{BOTH}"


def ask(app: Flask, scope: str, **headers: str) -> str:
    """Ask whether a request may, without reading its body."""
    with app.test_request_context(method="POST", input_stream=_Unread(), headers=headers):
        return require(scope)


class _Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_: int | None) -> bytes:
        """Fail the test."""
        pytest.fail("the body was read")


@pytest.fixture
def app(make_client: Callable[..., FlaskClient]) -> Flask:
    """An app with two keys."""
    return make_client(api_keys=KEYS).application


@pytest.mark.parametrize(
    ("header", "value"),
    [("Authorization", f"Bearer {ADD}"), ("Authorization", f"bearer  {ADD} "), ("X-API-Key", ADD)],
)
def test_a_known_key_opens_in_either_header(app: Flask, header: str, value: str) -> None:
    assert ask(app, "add", **{header: value}) == "adder"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {ADD}x"},
        {"Authorization": f"Basic {ADD}"},
        {"Authorization": ADD},
        {"X-API-Key": ADD[:-1]},
        {"X-API-Key": "schlüssel"},
        {"Cookie": f"key={ADD}"},
    ],
)
def test_nothing_else_opens(app: Flask, headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized):
        ask(app, "add", **headers)


def test_a_key_opens_no_more_than_its_scopes(app: Flask) -> None:
    assert ask(app, "remove", Authorization=f"Bearer {BOTH}") == "keeper"
    with pytest.raises(Forbidden, match="'adder' may add artworks, not remove them"):
        ask(app, "remove", Authorization=f"Bearer {ADD}")


def test_writes_are_closed_while_there_is_no_key_and_open_with_the_first(
    make_client: Callable[..., FlaskClient], demo_home: Path
) -> None:
    app = make_client().application
    with pytest.raises(Unauthorized, match=r"writes are closed.*xdegrees key new NAME --scope add"):
        ask(app, "add", Authorization=f"Bearer {ADD}")
    office = Keyring(app.extensions["xdegrees"].settings)
    secret = office.new("new", ["add"])
    try:
        assert ask(app, "add", Authorization=f"Bearer {secret}") == "new"
    finally:
        (demo_home / "keys.json").unlink()
    with pytest.raises(Unauthorized, match="writes are closed"):
        ask(app, "add", Authorization=f"Bearer {secret}")


def test_who_it_was_is_kept_for_the_audit_even_where_it_may_not(app: Flask) -> None:
    with app.test_request_context(headers={"X-API-Key": ADD}):
        with pytest.raises(Forbidden):
            require("remove")
        assert g.key_name == "adder"
        assert request.headers["X-API-Key"] not in g.key_name


@pytest.mark.parametrize(("error", "status"), [(Unauthorized("who?"), 401), (Forbidden("not you"), 403)])
def test_the_answer_says_how_to_show_who_one_is(app: Flask, error: Exception, status: int) -> None:
    with app.test_request_context():
        answer = app.make_response(app.handle_user_exception(error))
    assert isinstance(answer, Response)
    assert answer.status_code == status
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="xdegrees"')
