"""What goes in and comes out of the API, as the OpenAPI document says it."""

from functools import cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from service.paths.questions import MOST_ALTERNATIVES, MOST_VIA
from service.paths.records import FEWEST, MOST

Pace = Literal["direct", "balanced", "gentle", "scenic"]

_ID = "An artwork: its id, or `key:` and the collection's own key."


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
    where: list[str] = Field([], description="`column:value`; same column = or, different columns = and.")
    style: list[str] = Field([], description="Short for `where=style:…`.")
    artist: list[str] = Field([], description="Short for `where=artist:…`.")
    year_from: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:FROM..`.")
    year_to: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:..TO`.")
    facets: list[str] = Field([], description="Columns whose values are to be counted.")
    limit: int = Field(50, ge=1, le=100)
    cursor: str = Field("", max_length=200, description="`next` of the page before.")


class ImageQuery(Query):
    """Which picture."""

    size: Literal["thumb", "medium"] = "medium"


class PathQuery(Query):
    """Two ends and how to go between them; or, in ``ids``, a whole sequence that is only to be described."""

    ids: str = Field("", max_length=4000, description="2 to 50 ids with commas between: describe this sequence.")
    source: str = Field("", alias="from", max_length=500, validate_default=True, description=_ID)
    target: str = Field("", alias="to", max_length=500, validate_default=True, description=_ID)
    images: int | None = Field(None, ge=FEWEST, le=MOST, description="Exactly so many artworks, both ends counted.")
    pace: Pace = Field("gentle", description="The gentler, the smaller the steps and the longer the path.")
    via: list[str] = Field([], max_length=MOST_VIA, description="Artworks to pass, in this order.")
    avoid: list[str] = Field([], max_length=1000, description="Artworks not to pass.")
    where: list[str] = Field([], description="`column:value` that every artwork between the ends satisfies.")
    style: list[str] = Field([], description="Short for `where=style:…`.")
    artist: list[str] = Field([], description="Short for `where=artist:…`.")
    year_from: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:FROM..`.")
    year_to: int | None = Field(None, ge=-100_000, le=100_000, description="Short for `where=year:..TO`.")
    alternatives: int = Field(0, ge=0, le=MOST_ALTERNATIVES, description="How many further, different paths.")

    @field_validator("source", "target")
    @classmethod
    def _is_needed_without_ids(cls, value: str, info: ValidationInfo) -> str:
        if not value and not info.data.get("ids"):
            raise PydanticCustomError("missing", "is needed, or ids")
        return value

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> Self:
        others = self.model_dump(by_alias=True, exclude_unset=True).keys() - {"ids", "pace"} if self.ids else ()
        if others:
            raise PydanticCustomError("alone", "ids is a whole path: leave out {others}", {"others": ", ".join(others)})
        return self


class Picture(BaseModel):
    """A picture that is served; empty where it may not be shown."""

    url: str
    width: int
    height: int


class Graph(BaseModel):
    """Which graph answered."""

    version: int = Field(description="Moves with every write.")
    id: str = Field(description="Digest of ids, vectors, k and definitions: equal graphs, equal ids.")


class Artwork(BaseModel):
    """An artwork."""

    id: str
    key: str
    title: str
    artists: list[str]
    date_text: str
    year_from: int | None
    year_to: int | None
    style: str
    medium: str
    collection: str
    object_id: str
    alt_text: str
    images: dict[str, Picture | dict[str, Any]]
    page_url: str | None
    rights_uri: str | None
    rights_text: str
    credit: str
    metadata: dict[str, str]


class FacetCount(BaseModel):
    """A value and how many artworks have it."""

    value: str
    count: int


class ArtworkList(BaseModel):
    """A page of artworks."""

    artworks: list[Artwork]
    next: str | None
    total: int
    facets: dict[str, list[FacetCount]] | None = None


class Neighbor(Artwork):
    """An artwork joined to another by an edge."""

    angle: float = Field(description="Radians.")
    weight: float
    rank: int | None = Field(description="Place in the neighbour list, from 1; null where it is only in the other's.")
    kind: Literal["neighbor", "bridge"]


class Neighbors(BaseModel):
    """Every edge of an artwork, nearest first."""

    graph: Graph
    neighbors: list[Neighbor]


class Step(BaseModel):
    """From one artwork to the next."""

    model_config = ConfigDict(populate_by_name=True)

    source: str = Field(alias="from")
    target: str = Field(alias="to")
    angle: float | None = Field(description="Radians; null beside an artwork that is no longer there.")
    weight: float | None
    kind: Literal["neighbor", "bridge", "chord", "given"]
    rank: int | None
    shared: list[str]


class Quality(BaseModel):
    """How good a path is."""

    largest_step: float
    step_variation: float
    total_angle: float = Field(description="Radians.")
    direct_angle: float | None = Field(description="Radians.")
    lower_bound: float | None = Field(description="No path of as many artworks has a smaller largest step.")


class Strip(Picture):
    """The path as one picture."""

    alt: str


class PathLinks(BaseModel):
    """Addresses of a path."""

    self: str
    given: str = Field(description="Shows this very sequence for ever.")
    strip: Strip
    browser: str | None = Field(None, description="The path in Neo4j Browser, where the service has one.")


class Way(BaseModel):
    """The artworks of a path in order, and the steps between them."""

    cost: float
    ids: list[str]
    steps: list[Step]
    quality: Quality


class Alternative(Way):
    """A further path, none of whose artworks but for the stops is on another."""

    relative: float = Field(description="Cost in units of that of the best path.")


class Path(Way):
    """A path; ``artworks`` are its own, then those that only its alternatives pass."""

    graph: Graph
    pace: Pace
    artworks: list[Artwork]
    alternatives: list[Alternative]
    cite: str
    links: PathLinks


class Pair(BaseModel):
    """Two artworks worth connecting."""

    artworks: list[Artwork]
    links: dict[str, str]


class Embedder(BaseModel):
    """What the vectors were made by."""

    name: str
    dimension: int
    checkpoint: str
    preprocessing: str
    licence: str
    source: str
    text: bool
    near_duplicate: float


class Distribution(BaseModel):
    """Of a figure over the whole graph."""

    min: float
    p10: float
    median: float
    p90: float
    max: float
    mean: float


class GraphSummary(BaseModel):
    """The graph in figures."""

    graph: Graph
    artworks: int
    edges: int
    components: int
    bridges: int
    k: int
    degree: Distribution
    angle: Distribution = Field(description="Radians.")
    embedder: Embedder
    capabilities: dict[str, bool]
    columns: list[str]
    metadata_version: int


class ProblemDetail(BaseModel):
    """One parameter that is wrong."""

    parameter: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[ProblemDetail] | None = None
    closest: list[dict[str, str]] | None = None


PROBLEMS: dict[Any, Any] = {
    status: {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status in (404, 422, 429, 503)
}
"""Answers that every route may give."""
