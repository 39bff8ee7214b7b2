"""The address of the page holds its whole state: what is asked, and the artworks that were shown for it."""

from typing import Any, Self

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from werkzeug.datastructures import MultiDict

from service.web.body import fields_of
from service.web.problems import invalid
from service.web.queries import PathQuery
from stores.errors import BadInput

ANY = "random"
"""Stands for an end that is to be drawn at random."""


class PageQuery(PathQuery):
    """A question and, beside it, ``ids``: what was found for it when the address was made."""

    alternatives: int = Field(0, ge=0, le=5, description="How many further paths to show beside.")

    @field_validator("source", "target")
    @classmethod
    def _is_one_end(cls, value: str, info: ValidationInfo) -> str:
        """Words win over an artwork: a form sends both fields, and one of them may be left from before."""
        return "" if info.data.get(f"{info.field_name}_text") else value.strip()

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> Self:
        return self

    @property
    def ends(self) -> tuple[str, ...]:
        """What it says of from where and to where."""
        return tuple(filter(None, (self.source or self.source_text, self.target or self.target_text)))

    def shown(self) -> PathQuery:
        """Return what describes the artworks that were shown."""
        return PathQuery.model_validate({"ids": self.ids, "pace": self.pace, "why": True})

    def written(self, **changes: Any) -> dict[str, Any]:
        """Return the query that says this, with some changes by the names that stand in addresses."""
        held = {**self.model_dump(by_alias=True, exclude_defaults=True), **changes}
        return {name: value for name, value in held.items() if value not in ("", None, [])}

    def having(self, name: str, value: str) -> dict[str, Any]:
        """Return the query with one more value of a parameter that repeats; what was shown is left out."""
        held = {other: [one for one in getattr(self, other) if one != value] for other in ("via", "avoid")}
        return self.written(**{**held, name: [*held[name], value], "ids": ""})

    def lacking(self, name: str, value: str) -> dict[str, Any]:
        """Return the query without one value of a parameter that repeats."""
        return self.written(**{name: [one for one in getattr(self, name) if one != value], "ids": ""})

    def turned(self) -> dict[str, Any]:
        """Return the query for the way back."""
        ends = {"from": self.target, "to": self.source, "from_text": self.target_text, "to_text": self.source_text}
        return self.written(**ends, via=self.via[::-1], ids="")


def read_state(sent: MultiDict[str, str]) -> tuple[PageQuery, BadInput | None]:
    """Return the state that an address says, and what was wrong in it, which is left out.

    What others hang on addresses is passed over; an empty field of a form is one that was not filled in.
    """
    known = {field.alias or name for name, field in PageQuery.model_fields.items()}
    fields = {name: value for name, value in fields_of(PageQuery, sent).items() if name in known and value != ""}
    for end in ("from", "to"):  # a form without scripts sends the title that it shows, and whose it is
        if fields.get(end) and fields[end] == sent.get(f"{end}_shown"):
            fields[end] = sent.get(f"{end}_id", fields[end])
    for name, value in fields.items():
        if isinstance(value, list):
            fields[name] = list(dict.fromkeys(one for one in value if one))
    try:
        return PageQuery.model_validate(fields), None
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        left = {name: value for name, value in fields.items() if name not in wrong}
        return PageQuery.model_validate(left), invalid(error)
