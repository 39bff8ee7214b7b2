"""Rights that a load would take away because its table is not the one that said them."""

from typing import Final

from loaders.manifest import Problem
from loaders.plan import BY_HAND, Held, Plan, file_mark
from loaders.request import LoadRequest
from stores.artwork import Artwork, Payload
from stores.errors import Refused

FEW: Final = 3
SHARE: Final = 0.05
"""As many as this of all artworks that say something of their rights, or FEW, may cease to without asking."""


def keep_said(plan: Plan, held: Held, request: LoadRequest) -> list[Problem]:
    """Take out of a plan what would show pictures without the rights they are held with; return what was taken out.

    Refused where that is more than a few artworks that would say nothing any more.
    """
    _refuse_silence(plan, held, request)
    return _set_apart(plan, held)


def _set_apart(plan: Plan, held: Held) -> list[Problem]:
    """Take pictures out of a plan that are held under another key, with rights, which here nobody says.

    Else a picture whose row is missing, or cannot be read, would be shown again as if nothing were known of it.
    """
    gone = (held[one] for one in plan.missing)
    known = {tuple(payload["file"]): str(payload["key"]) for payload in gone if payload.get("file") and _says(payload)}
    twice = [(entry, known.get(tuple(file_mark(entry)), "")) for entry in plan.new if known and entry.bare]
    again = {entry.artwork.id: key for entry, key in twice if key}
    plan.new = [entry for entry in plan.new if entry.artwork.id not in again]
    return [
        Problem(entry.artwork.key, f"the picture of {key}, which no row describes now: not loaded twice", "refused")
        for entry, key in twice
        if key
    ]


def _refuse_silence(plan: Plan, held: Held, request: LoadRequest) -> None:
    """Refuse a load after which artworks would say nothing of their rights any more, unless it is to overwrite."""
    saying = {
        one
        for one, payload in held.items()
        if payload.get("source") == request.source and BY_HAND not in payload and _says(payload)
    }
    entries = (entry for entry in (*plan.described, *plan.reread) if not entry.by_hand)
    rewritten = (entry for entry in entries if not _says(entry.artwork.to_payload()))
    silent = [entry.artwork.key for entry in rewritten if entry.artwork.id in saying]
    if len(silent) > max(FEW, SHARE * len(saying)) and not request.overwrite:
        raise Refused(
            f"{len(silent):,} artworks ({', '.join(silent[:FEW])}, …) would lose their rights, credit or advisory, "
            "which this table does not say: name the table and the --column or --preset that they were loaded with, "
            "or let --overwrite take them away"
        )


def _says(payload: Payload) -> bool:
    """Whether an artwork says anything of its rights."""
    artwork = Artwork.from_payload("", payload)
    return bool(artwork.rights_text or artwork.rights_uri or artwork.credit or artwork.advisory) or (
        artwork.display != "full"
    )
