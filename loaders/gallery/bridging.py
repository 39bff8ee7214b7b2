"""What lies between two families: a blended plan, an overprint, or a torn collage of both."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from loaders.gallery.canvas import Sheet, cover, lerp, shaded
from loaders.gallery.drift import Floats
from loaders.gallery.families import Motif
from loaders.gallery.growth import Stars, Trees


def between(first: Motif, second: Motif, part: float, sheet: Sheet) -> Floats:
    """Draw what lies between two motifs: one blended plan, or one printed over the other."""
    if type(first) is type(second):
        return blended(first, second, part).draw(sheet)
    if isinstance(first, Trees | Stars):  # so open that what comes next shows through
        return overprint(first.draw(sheet), second.draw(sheet), part)
    return torn(first.draw(sheet), second.draw(sheet), part, sheet)


def blended(first: Any, second: Any, part: float) -> Motif:
    """Blend two plans of one kind, number by number."""
    names = [field.name for field in fields(first)]
    values = {n: getattr(first, n) * (1 - part) + getattr(second, n) * part for n in names}
    plan: Motif = replace(first, **values)
    return plan


def torn(under: Floats, over: Floats, part: float, sheet: Sheet) -> Floats:
    """Lay a torn piece of one picture over another, so that it covers ``part`` of the sheet."""
    x, y = sheet.grid
    heading = np.float32(sheet.drift.walk("tear", 0, 6.3, 0.1))
    place = x * np.cos(heading) + y * np.sin(heading)
    place = place + np.float32(0.09) * sheet.surface("tear", 0.9) + np.float32(0.005) * sheet.surface("fray", 13)
    inside = place - np.float32(np.quantile(place[::6, ::6], 1 - part))
    rim = np.float32(0.011) + np.float32(0.004) * sheet.surface("rim", 9)
    shade = 0.35 * np.clip(1 + (inside + rim) / 0.03, 0, 1) ** 2
    picture = shaded(under.astype(np.float32), 1 - shade)
    picture = lerp(picture, sheet.palette.bright, cover((inside + rim) * np.float32(sheet.unit)))
    return lerp(picture, over, cover(inside * np.float32(sheet.unit)))


def overprint(first: Floats, second: Floats, part: float) -> Floats:
    """Print one picture over another with thinned ink: what stands out from the ground shows in both."""
    thin, thick = min(1.0, 2 - 2 * part), min(1.0, 2 * part)
    under, over = (np.median(picture[::5, ::5], axis=(0, 1)) for picture in (first, second))
    ground = under + (over - under) * np.float32(part)
    mixed = ground + (first - under) * np.float32(thin) + (second - over) * np.float32(thick)
    return np.clip(mixed, 0, 1)
