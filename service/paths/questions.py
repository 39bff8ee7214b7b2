"""What is wrong with a question, all at once."""

from collections.abc import Iterable, Iterator

from service.filters import unmatched
from service.paths.records import FEWEST, MOST, Question
from service.paths.space import Space
from stores.artwork import Artwork
from stores.errors import BadInput
from stores.ports import PACES
from stores.words import matches

MOST_VIA = 10
MOST_ALTERNATIVES = 10


def check(space: Space, question: Question) -> None:
    """Raise BadInput that names everything in which a question contradicts itself, NotFound for what to avoid."""
    problems = [*_out_of_range(question), *_contradictions(question)]
    if not problems and question.via and (question.where or question.excluded):
        problems = list(_unfit(space.graph.artworks(question.via), question))
        if problems and (told := unmatched(space.graph, question.where)):
            problems = [("where", told)]
    if not problems and question.avoid:
        space.graph.artworks(sorted(question.avoid))
    if problems:
        raise BadInput("; ".join(f"{name}: {message}" for name, message in problems), problems)


def _unfit(via: Iterable[Artwork], question: Question) -> Iterator[tuple[str, str]]:
    for artwork in via:
        name = artwork.title or artwork.key
        if artwork.id in question.excluded:
            yield "via", f"{name} is kept out of paths by the collection's editor: leave it out, or begin or end there"
        if not matches(artwork, question.where):
            yield "via", f"{name} does not satisfy where: leave one of them out"


def _out_of_range(question: Question) -> Iterator[tuple[str, str]]:
    images, needed = question.images, len(question.stops)
    if question.pace not in PACES:
        yield "pace", f"there is no pace {question.pace!r}; there are {', '.join(PACES)}"
    if images is not None and not FEWEST <= images <= MOST:
        yield "images", f"{images} is not between {FEWEST} and {MOST}"
    elif images is not None and images < needed:
        yield "images", f"{images} are fewer than the {needed} that are named: ask for {needed} or more"
    if len(question.via) > MOST_VIA:
        yield "via", f"{len(question.via)} are more than {MOST_VIA}"
    if not 0 <= question.alternatives <= MOST_ALTERNATIVES:
        yield "alternatives", f"{question.alternatives} is not between 0 and {MOST_ALTERNATIVES}"


def _contradictions(question: Question) -> Iterator[tuple[str, str]]:
    if question.source == question.target and (question.images or question.via):
        yield "to", "is the same artwork as from, and the artworks of a path differ: name another"
    if question.source == question.target and question.source in {guest.name for guest in question.guests}:
        yield "to", "is the same picture as from: send another"
    if len(set(question.via)) < len(question.via):
        yield "via", "names an artwork twice, and a path passes it once: leave one out"
    if {question.source, question.target} & set(question.via):
        yield "via", "names one of the ends, where the path is anyway: leave it out"
    if question.avoid & set(question.via):
        yield "avoid", "names an artwork of via: leave it out of one of them"
    if question.avoid & {question.source, question.target}:
        yield "avoid", "names one of the ends: choose another end, or do not avoid it"
