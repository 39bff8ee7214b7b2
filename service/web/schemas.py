"""What comes out of the API, as the OpenAPI document says it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.web.queries import Pace


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
    attribution: str = Field(description="Credit and rights: the line that belongs under every picture of it.")
    advisory: str | None = Field(description="What is to be read before a picture of it is seen.")
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


class Why(BaseModel):
    """Why one artwork comes after another."""

    sentence: str = Field(description="For a visitor.")
    common: list[str] = Field(description="What both pictures visibly have and few others do.")
    words: list[str] = Field(description="Of a fixed vocabulary, closest to both; empty without words.")
    percentile: float | None = Field(description="How many of a hundred pairs of neighbours are closer.")


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
    why: Why | None = Field(None, description="Where it was asked for; not beside an artwork that is gone.")


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

    self: str | None = Field(description="Asks for it again; null where a picture that was sent is an end.")
    given: str | None = Field(description="Shows these very artworks of the collection for ever; null below two.")
    strip: Strip | None = Field(description="Null where a picture that was sent is an end.")
    browser: str | None = Field(None, description="The path in Neo4j Browser, where the service has one.")


class Way(BaseModel):
    """The artworks of a path in order, and the steps between them."""

    cost: float
    ids: list[str]
    steps: list[Step]
    quality: Quality


class Alternative(Way):
    """A further path, none of whose artworks but for the stops is on another."""

    relative: float = Field(description="Cost in units of that of the path; with `images`, largest step likewise.")


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
    columns: list[str] = Field(description="What `where` may name; `facets` too, but for `year`, which takes a span.")
    metadata_version: int


class Map(BaseModel):
    """Where every artwork lies, neighbours near each other: columns of one order, by ascending id."""

    graph: Graph
    side: int = Field(description="Of the square; x goes to the right, y downwards, from 0 to this.")
    newcomers: int = Field(description="How many came after the map was computed, and lie among their neighbours.")
    ids: list[str]
    x: list[int]
    y: list[int]
    thumbs: list[str] = Field(description="File names under `/images/`; empty where no picture may be shown.")


class ProblemDetail(BaseModel):
    """One parameter that is wrong."""

    parameter: str
    detail: str


class Named(BaseModel):
    """An artwork that may have been meant."""

    id: str
    title: str
    key: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[ProblemDetail] | None = None
    closest: list[Named] | None = None


PROBLEMS: dict[Any, Any] = {
    status: {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status in (404, 410, 422, 429, 503)
}
"""Answers that every route may give."""

WRITE_PROBLEMS: dict[Any, Any] = {
    status: {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status in (401, 403, 409, 412, 413, 415)
}
"""Answers that a route which writes may give besides."""
