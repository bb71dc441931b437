"""Figures in the form in which node_exporter reads them from a text file of its folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

INTERVAL = 5.0
"""Seconds between two looks: as often as the monitors ask."""
Series = Iterable[tuple[Mapping[str, str], float]]
"""Labels and value of each of a metric's series."""


def exposition(about: Mapping[str, tuple[str, str]], found: Mapping[str, Series]) -> str:
    """The text. ``about``: metric to its type and what it says; ``found``: metric to its series."""
    lines = []
    for metric, (kind, text) in about.items():
        lines += [f"# HELP {metric} {text}", f"# TYPE {metric} {kind}"]
        lines += [f"{metric}{braces(labels)} {number(value)}" for labels, value in found[metric]]
    return "\n".join([*lines, ""])


def braces(labels: Mapping[str, str]) -> str:
    """Labels as they stand behind a metric; nothing for none."""
    pairs = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def number(value: float) -> str:
    """A number without a needless fraction."""
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def write(file: Path, text: str) -> None:
    """Whole, or not at all. Raises OSError."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)
