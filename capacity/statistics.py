"""How sure a mean over independent runs is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

TWO_SIDED_95 = 0.975


class Interval(NamedTuple):
    """A mean and its 95% confidence interval; all inf where some run never ended."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """Student's interval of the mean of independent ``values``. One value alone knows nothing of its spread.

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("an interval needs values")
    if not all(math.isfinite(value) for value in values):
        return Interval(math.inf, math.inf, math.inf)
    mean = float(np.mean(values))
    if len(values) == 1:
        return Interval(mean, -math.inf, math.inf)
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    half = float(stdtrit(len(values) - 1, TWO_SIDED_95)) * error
    return Interval(mean, mean - half, mean + half)
