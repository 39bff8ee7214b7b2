"""From stores to the vetting page."""

from itertools import chain
from pathlib import Path

from service.paths.space import Space
from service.steering import Steering
from service.vetting.figures import Figures, every_artwork, measure_collection
from service.vetting.page import render_page, write_page
from service.vetting.samples import Samples, draw_samples


def report(space: Space, steering: Steering, images: Path, out: Path, seed: int) -> tuple[Figures, Samples]:
    """Write the page into the file ``out``; return what it shows."""
    graph, stats = space.graph, space.graph.stats()
    figures = measure_collection(graph, stats)
    samples = draw_samples(space, [artwork.id for artwork in every_artwork(graph)], steering, seed)
    named = {
        *(one for one, _ in (*samples.busiest, *figures.loneliest)),
        *chain.from_iterable(figures.groups),
        *(end for bridge in figures.bridges for end in bridge[:2]),
    }
    artworks = {artwork.id: artwork for artwork in graph.artworks(sorted(named))}
    write_page(render_page(figures, samples, artworks, images, stats), out)
    return figures, samples
