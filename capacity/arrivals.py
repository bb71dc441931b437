"""When things begin: Poisson processes whose rate changes with time, drawn by inversion.

Inversion uses the same uniform numbers whatever the width or the rate's shape: two variants of one day differ
only in what was meant to differ (common random numbers).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]

WITHIN = 2.0
"""Standard deviations to each side of the middle that hold 95% of a bell."""
CUT = 3.0
"""Standard deviations beyond which nobody comes."""


def bell(rng: np.random.Generator, expected: float, middle_s: float, width_s: float) -> Floats:
    """Arrival times, s, ascending: Poisson, ``expected`` in all, a normal law with 95% within ``width_s``."""
    count = rng.poisson(expected)
    low, high = ndtr(-CUT), ndtr(CUT)
    places = np.sort(rng.random(count)) * (high - low) + low
    return np.asarray(middle_s + width_s / (2 * WITHIN) * ndtri(places))


def steady(rng: np.random.Generator, per_second: float, start_s: float, length_s: float) -> Floats:
    """Arrival times, s, ascending, of a Poisson process with a constant rate."""
    count = rng.poisson(per_second * length_s)
    return np.asarray(start_s + length_s * np.sort(rng.random(count)))
