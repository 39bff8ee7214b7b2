"""What is asked of a Qdrant server: names, aliases and filters in its own terms."""

import hashlib
import json

from qdrant_client import models

from stores.records import EmbedderFacts, Where
from stores.vector_rules import facet_conditions


def collection_name(name: str, facts: EmbedderFacts) -> str:
    """Return the name of the collection that holds this embedder's vectors, and no other's."""
    digest = hashlib.sha256(json.dumps(facts.identity).encode()).hexdigest()
    return f"{name}-{digest[:12]}"


def alias_switch(
    name: str, old: str | None, new: str
) -> list[models.CreateAliasOperation | models.DeleteAliasOperation]:
    """Return what points an alias from one collection to another; the server does all of it or nothing."""
    create = models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=new, alias_name=name))
    if old is None:
        return [create]
    return [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=name)), create]


def to_filter(where: Where | None) -> models.Filter | None:
    """Return the condition on payloads; None where nothing is asked."""
    if not where:
        return None
    must: list[models.Condition] = [
        models.FieldCondition(key="facets", match=models.MatchAny(any=terms)) for terms in facet_conditions(where)
    ]
    if where.years:
        must.append(models.Filter(should=[_touching(*span) for span in where.years]))
    return models.Filter(must=must)


def _touching(first: int, last: int) -> models.Filter:
    return models.Filter(
        must=[
            models.FieldCondition(key="year_from", range=models.Range(lte=last)),
            models.FieldCondition(key="year_to", range=models.Range(gte=first)),
        ]
    )
