"""The tables, as steps that are taken once each. A step that has been released is never changed."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """One change of a database; ``groups`` says in which, all where it is empty."""

    name: str
    sql: str
    groups: tuple[str, ...] = ()

    def concerns(self, group: str) -> bool:
        """Whether databases of this group take the step."""
        return not self.groups or group in self.groups


STEPS = (
    Step(
        "1-procedures",
        """
        CREATE TABLE procedure (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          function text NOT NULL,
          applicant text NOT NULL,
          received timestamptz NOT NULL DEFAULT now(),
          request text NOT NULL UNIQUE,
          fingerprint text NOT NULL
        )
        """,
    ),
    Step(
        "2-residents",
        """
        CREATE TABLE resident (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          name text NOT NULL,
          searched text NOT NULL,
          kana text NOT NULL,
          born date NOT NULL,
          address text NOT NULL,
          since date NOT NULL,
          registered timestamptz NOT NULL DEFAULT now(),
          request text NOT NULL UNIQUE,
          fingerprint text NOT NULL
        );
        CREATE INDEX resident_searched ON resident (searched text_pattern_ops);
        CREATE INDEX resident_kana ON resident (kana text_pattern_ops);
        CREATE TABLE certificate (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          resident bigint NOT NULL REFERENCES resident,
          issued timestamptz NOT NULL DEFAULT now(),
          request text NOT NULL UNIQUE,
          fingerprint text NOT NULL
        )
        """,
        ("resident_records",),
    ),
)
