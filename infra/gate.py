"""The gate before `pulumi up`: no declaration is built that has not been proven.

The verdict is made by `omi capacity verdict` and found by the declaration's digest, so a stale one is none at all.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from inventory.verdict import Verdict, read_verdict

MAKE_ONE = "omi capacity verdict"


class Override(BaseModel):
    """Somebody's word in the stack's configuration that this declaration, and no other, is built unproven."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    digest: str
    reason: str


class RefusedError(Exception):
    """The declaration may not be built; the message says why and what would change that."""


def pass_through(directory: Path, digest: str, override: Override | None) -> str:
    """On what the declaration with ``digest`` is built: a verdict, or somebody's word. RefusedError if on neither.

    directory: where verdicts are kept.
    """
    verdict = read_verdict(directory, digest)
    if verdict is not None and verdict.passed:
        return f"verdict: {len(verdict.levels)} promises kept in {verdict.cases} cases"
    if override is not None and override.digest == digest:
        return f"no passing verdict, built all the same: {override.reason}"
    raise RefusedError(f"{why_not(verdict)}\n{how_to_go_on(digest)}")


def why_not(verdict: Verdict | None) -> str:
    """What is wrong with the verdict."""
    if verdict is None:
        return f"this declaration has no verdict; make one: {MAKE_ONE}"
    broken = [
        f"  {level.level} ({level.regime}): worst with {level.worst_case}"
        for level in verdict.levels
        if not level.passed
    ]
    return "\n".join([f"this declaration breaks its promises ({MAKE_ONE} shows the figures):", *broken])


def how_to_go_on(digest: str) -> str:
    """How to build it all the same, on record."""
    return (
        "To build it all the same, put your reason on record in the stack's configuration:\n"
        f"  pulumi config set --path omi:without_verdict.digest {digest}\n"
        "  pulumi config set --path omi:without_verdict.reason '...'"
    )
