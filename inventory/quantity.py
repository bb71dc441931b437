"""Quantities: a value, a unit, and where the number comes from.

No number enters the cloud naked. A council reads the report and asks "who says so?"; the answer travels
with the value (docs/decisions/0002-provenance-of-quantities.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1, max_length=400)]
Source = Literal["council", "public", "measured", "assumption"]


class FaultyFieldError(AttributeError):
    """A field was asked for that a faulty declaration does not give; the fault itself has been reported."""


class Frozen(BaseModel):
    """Base of every declared thing: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    if not TYPE_CHECKING:  # for a type checker, an attribute that no field declares stays a mistake

        def __getattr__(self, name: str) -> Any:
            if name in type(self).model_fields:
                raise FaultyFieldError(f"{type(self).__name__}.{name} is faulty")
            return super().__getattr__(name)


class Quantity(Frozen):
    """A number with its unit and its source.

    ``note`` is the citation (``council``, ``public``), the drill, date and machine (``measured``), or the
    reason (``assumption``).
    """

    value: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
    unit: str
    source: Source
    """council: its own presentation; public: a citable publication; measured: by a drill; assumption:
    reasoned."""
    note: Text

    factors: ClassVar[dict[str, float]] = {}

    @property
    def base(self) -> float:
        """The value in the base unit of its kind (bit/s, byte, second, or the bare number)."""
        return self.value * self.factors[self.unit]


HIGHEST_RATE = 1e13
"""bit/s. Above what a router can be told to shape to, a unit is mistaken."""


class Rate(Quantity):
    """A data rate; base unit bit/s."""

    unit: Literal["bps", "kbps", "Mbps", "Gbps"]
    factors: ClassVar[dict[str, float]] = {"bps": 1, "kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9}

    @property
    def bps(self) -> int:
        """Bits per second."""
        return round(self.base)

    @model_validator(mode="after")
    def _shapeable(self) -> Self:
        if not 1 <= self.base <= HIGHEST_RATE:
            raise ValueError("a rate that no line has; write one from 1 bps to 10,000 Gbps")
        return self


class Size(Quantity):
    """An amount of data; base unit byte (decimal prefixes)."""

    unit: Literal["B", "kB", "MB", "GB", "TB"]
    factors: ClassVar[dict[str, float]] = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


class Duration(Quantity):
    """A length of time; base unit second."""

    unit: Literal["ms", "s", "min", "h", "day", "year"]
    factors: ClassVar[dict[str, float]] = {
        "ms": 1e-3,
        "s": 1,
        "min": 60,
        "h": 3600,
        "day": 86400,
        "year": 365.25 * 86400,
    }


class Count(Quantity):
    """How many of something; the unit says of what."""

    unit: Literal[
        "people",
        "users",
        "terminals",
        "procedures/day",
        "IOPS",
        "glyphs",
        "copies",
        "bodies",
        "machines",
        "cores",
        "places",
        "requests",
        "rows",
    ]

    @property
    def base(self) -> float:
        """The bare number."""
        return self.value


class Share(Quantity):
    """A fraction, written in per cent; base unit 1."""

    value: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    unit: Literal["%"]
    factors: ClassVar[dict[str, float]] = {"%": 0.01}


class Range(Frozen):
    """A published range ``low`` to ``high`` of one quantity."""

    low: Rate
    high: Rate

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low.base > self.high.base:
            raise ValueError("low is above high; swap them")
        return self
