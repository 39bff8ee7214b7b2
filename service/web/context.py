"""What an app was made with, for the code that answers a request."""

from dataclasses import dataclass
from typing import Final

from flask import current_app

from loaders.writing import Writer
from service.audit import AuditLog
from service.intake import Intake
from service.keys import Keyring
from service.likeness.why import Explainer
from service.maps import Maps
from service.paths.space import Space
from service.sight import Sight
from service.steering import SteeringFile
from service.web.page.facets import Facets
from stores.connect import Stores
from stores.settings import Settings

KEY: Final = "xdegrees"


@dataclass(frozen=True, slots=True)
class Context:
    """The stores and the settings of one app, what it keeps in memory of where artworks lie, and its embedder."""

    stores: Stores
    settings: Settings
    space: Space
    sight: Sight
    explainer: Explainer
    steering: SteeringFile
    keys: Keyring
    audit: AuditLog
    writer: Writer
    intake: Intake
    maps: Maps
    facets: Facets


def context() -> Context:
    """Return the context of the app that answers."""
    found: Context = current_app.extensions[KEY]
    return found
