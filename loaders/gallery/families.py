"""The families of pictures, in a ring: each turns into the next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from loaders.gallery import bands, cells, growth, layers, shapes, strokes
from loaders.gallery.canvas import Sheet
from loaders.gallery.drift import Floats


class Motif(Protocol):
    """A picture's plan: plain numbers, so that two plans of one kind can be blended."""

    def draw(self, sheet: Sheet) -> Floats:
        """Draw it: (height, width, 3), sRGB in 0..1."""


@dataclass(frozen=True, slots=True)
class Family:
    """One manner of drawing.

    Attributes:
        name: also the beginning of its files' names.
        style: the movement it is said to belong to.
        plan: from a sheet, with its place on the walk, to a motif.
        looks: what there is to see, for the description.
        nouns: for titles.
        media: what it is said to be made of.
    """

    name: str
    style: str
    plan: Callable[[Sheet], Motif]
    looks: str
    nouns: tuple[str, ...]
    media: tuple[str, ...]


RING: Final = (
    Family(
        "stripes",
        "Linealism",
        bands.stripes,
        "parallel stripes of uneven width",
        ("Awning", "Interval", "Ledger", "Furrows", "Cadence"),
        ("screenprint on wove paper", "gouache on board"),
    ),
    Family(
        "waves",
        "Tidalism",
        bands.waves,
        "rippling bands like a swell",
        ("Swell", "Ebb", "Undertow", "Harbour", "Crossing"),
        ("colour woodcut", "screenprint on wove paper"),
    ),
    Family(
        "strata",
        "Sedimentism",
        bands.strata,
        "winding layers like cut stone",
        ("Quarry", "Contour", "Sediment", "Riverbed", "Agate"),
        ("marbled paper", "colour lithograph"),
    ),
    Family(
        "circles",
        "Orbicism",
        bands.circles,
        "concentric rings",
        ("Orbit", "Well", "Echo", "Rondo", "Bell"),
        ("pochoir on laid paper", "oil on canvas"),
    ),
    Family(
        "dots",
        "Granulism",
        cells.dots,
        "rows of dots that swell and shrink",
        ("Hail", "Seeds", "Rain on Tin", "Granary", "Whisper"),
        ("aquatint", "stencil print on card"),
    ),
    Family(
        "tiles",
        "Quiltism",
        cells.tiles,
        "a quilt of cut and nested squares",
        ("Courtyard", "Quilt", "Pavement", "Orchard Plan", "Kiln"),
        ("linocut in five colours", "pieced cotton"),
    ),
    Family(
        "glass",
        "Vitrealism",
        cells.glass,
        "panes of glass between leads",
        ("Window", "Chapel", "Lantern", "Frost", "Clerestory"),
        ("stained glass", "enamel on copper"),
    ),
    Family(
        "cutouts",
        "Scissorism",
        shapes.cutouts,
        "overlapping pieces of cut paper",
        ("Garden", "Masquerade", "Picnic", "Parade", "Petals"),
        ("cut paper collage", "gouache on cut paper"),
    ),
    Family(
        "vessels",
        "Still School",
        shapes.vessels,
        "jars and bottles on a table",
        ("Pantry", "Five O'Clock", "Jars", "Windowsill", "The Potter's Table"),
        ("tempera on panel", "oil on canvas"),
    ),
    Family(
        "arcs",
        "Meanderism",
        cells.arcs,
        "arcs that join from tile to tile",
        ("Labyrinth", "Switchback", "Canal", "Fugue", "Knot Garden"),
        ("linocut", "glazed tile"),
    ),
    Family(
        "threads",
        "Loom School",
        strokes.threads,
        "crossing threads of a weave",
        ("Selvedge", "Homespun", "Shuttle", "Basket", "Plain Weave"),
        ("wool on linen", "woven paper strips"),
    ),
    Family(
        "flow",
        "Currentism",
        strokes.flow,
        "long lines that follow a current",
        ("Current", "Murmuration", "Long Grass", "Weather", "Hair of the River"),
        ("ink on washi", "etching"),
    ),
    Family(
        "dabs",
        "Touchism",
        strokes.dabs,
        "short touches of a broad brush",
        ("Hedge", "Barley", "Late Garden", "Leaf Fall", "Meadow"),
        ("oil on canvas", "oil on board"),
    ),
    Family(
        "trees",
        "Arborism",
        growth.trees,
        "branching trees above open ground",
        ("Copse", "Old Pear", "Windbreak", "Avenue", "First Blossom"),
        ("wood engraving", "ink and gouache"),
    ),
    Family(
        "stars",
        "Nocturnism",
        growth.stars,
        "linked stars and fine orbits",
        ("Almanac", "Ephemeris", "Night Post", "Pole Star", "Small Hours"),
        ("white-line engraving", "drypoint"),
    ),
    Family(
        "ridges",
        "Ridge School",
        layers.ridges,
        "mountain ridges one behind another",
        ("Pass", "Watershed", "Far Ranges", "Summit", "Valley"),
        ("colour woodcut", "watercolour"),
    ),
    Family(
        "horizons",
        "Stillwater School",
        layers.horizons,
        "a quiet horizon below an open sky",
        ("Low Tide", "Steppe", "Estuary", "Plain", "Offing"),
        ("pastel on paper", "oil on linen"),
    ),
)
"""Each has much in common with the one before it and the one after it; the last with the first."""
