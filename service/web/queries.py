"""What goes into the API, as the OpenAPI document says it."""

from functools import cache
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from service.paths.questions import MOST_ALTERNATIVES, MOST_VIA
from service.paths.records import FEWEST, MOST

Term = Annotated[str, Field(max_length=500)]
Terms = Annotated[list[Term], Field(max_length=100)]
"""Values of one parameter that filters, or columns."""

Pace = Literal["direct", "balanced", "gentle", "scenic"]

_ID = "An artwork: its id, or `key:` and the collection's own key."
_ARTWORK = "An artwork: its id, `key:` and the collection's own key, or its whole title where no other has it."


class Query(BaseModel):
    """Base of all queries: an unknown parameter is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    @cache
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """Return pydantic's own, made once: it is asked for at every request."""
        return super().model_json_schema(*args, **kwargs)


class ArtworkPath(BaseModel):
    """An artwork in the address."""

    artwork: str = Field(description=_ID, json_schema_extra={"example": "key:stripes-0001.jpg"})


class ArtworksQuery(Query):
    """Words and filters."""

    q: str = Field(
        "", max_length=200, description="Words; each may be the beginning of a word of title, artist or key."
    )
    where: Terms = Field([], description="`column:value`; same column = or, different columns = and.")
    style: Terms = Field([], description="Short for `where=style:…`.")
    artist: Terms = Field([], description="Short for `where=artist:…`.")
    year_from: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:FROM..`.")
    year_to: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:..TO`.")
    facets: Terms = Field([], description="Columns whose values are to be counted.")
    limit: int = Field(50, ge=1, le=100)
    cursor: str = Field("", max_length=200, description="`next` of the page before.")


class ImageQuery(Query):
    """Which picture."""

    size: Literal["thumb", "medium"] = "medium"


class PathQuery(Query):
    """Two ends and how to go between them; or, in ``ids``, a whole sequence that is only to be described."""

    ids: str = Field("", max_length=4000, description="2 to 50 ids with commas between: describe this sequence.")
    source_text: str = Field("", alias="from_text", max_length=200, description="Words instead of `from`.")
    target_text: str = Field("", alias="to_text", max_length=200, description="Words instead of `to`.")
    source: str = Field("", alias="from", max_length=500, validate_default=True, description=_ARTWORK)
    target: str = Field(
        "",
        alias="to",
        max_length=500,
        validate_default=True,
        description=f"{_ARTWORK} The same as `from` is a path of one artwork; with `images` it is refused.",
    )
    images: int | None = Field(None, ge=FEWEST, le=MOST, description="Exactly so many artworks, both ends counted.")
    pace: Pace = Field("gentle", description="The gentler, the smaller the steps and the longer the path.")
    via: list[Term] = Field([], max_length=MOST_VIA, description="Artworks to pass, in this order; each as `from`.")
    avoid: list[Term] = Field([], max_length=1000, description="Artworks not to pass; each as `from`.")
    where: Terms = Field([], description="`column:value` that every artwork between the ends satisfies.")
    style: Terms = Field([], description="Short for `where=style:…`.")
    artist: Terms = Field([], description="Short for `where=artist:…`.")
    year_from: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:FROM..`.")
    year_to: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:..TO`.")
    alternatives: int = Field(0, ge=0, le=MOST_ALTERNATIVES, description="How many further, different paths.")

    why: bool = Field(default=False, description="Say of every step what both pictures have in common.")

    @field_validator("source", "target")
    @classmethod
    def _is_one_end(cls, value: str, info: ValidationInfo) -> str:
        words = info.data.get(f"{info.field_name}_text")
        if value and words:
            raise PydanticCustomError("alone", "is given as an artwork or a picture, and as words: give one")
        if not (value or words or info.data.get("ids")):
            raise PydanticCustomError("missing", "is needed, or ids")
        return value

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> Self:
        others = self.model_dump(by_alias=True, exclude_unset=True).keys() - {"ids", "pace", "why"} if self.ids else ()
        if others:
            raise PydanticCustomError("alone", "ids is a whole path: leave out {others}", {"others": ", ".join(others)})
        return self


def _path_body() -> dict[str, Any]:
    """What may be sent instead of a query: the same fields as JSON, or as a form with pictures."""
    fields = PathQuery.model_json_schema()
    files = {
        f"{end}_image": {"type": "string", "format": "binary", "description": f"A picture instead of `{end}`."}
        for end in ("from", "to")
    }
    form = {**fields, "title": "PathForm", "properties": {**fields["properties"], **files}}
    return {"content": {"application/json": {"schema": fields}, "multipart/form-data": {"schema": form}}}


def _artwork_body() -> dict[str, Any]:
    """What describes an artwork: its picture, and any columns."""
    text = {"type": "string"}
    known = dict.fromkeys(("id", "title", "artist", "year", "style", "medium", "rights", "credit", "alt_text"), text)
    picture = {"type": "string", "format": "binary", "description": "An image file."}
    schema = {
        "title": "ArtworkForm",
        "type": "object",
        "required": ["image"],
        "properties": {"image": picture, **known},
        "additionalProperties": text,
        "example": {"image": "(bytes)", "id": "1888.12", "title": "Waves", "year": "c. 1888"},
    }
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _patch_body() -> dict[str, Any]:
    schema = {"title": "Patch", "type": "object", "example": {"title": "Waves at Dusk", "style": None}}
    return {"required": True, "content": {"application/merge-patch+json": {"schema": schema}}}


ARTWORK_BODY: Final = _artwork_body()
PATCH_BODY: Final = _patch_body()
"""Bodies of the routes that write; read by hand as well."""

PATH_BODY: Final = _path_body()
"""Body of ``POST /path``; its route reads it by hand, since it may be either."""
