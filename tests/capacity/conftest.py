"""What the model's tests start from: the declaration that comes with the repository."""

from __future__ import annotations

import pytest

from capacity.layout import Layout, layout
from capacity.parameters import Parameters, parameters
from inventory.load import load
from inventory.model import Cloud


@pytest.fixture(scope="session")
def cloud() -> Cloud:
    """The eight cities."""
    return load()


@pytest.fixture(scope="session")
def eight(cloud: Cloud) -> Layout:
    """How the eight cities are connected."""
    return layout(cloud)


@pytest.fixture(scope="session")
def declared(cloud: Cloud) -> Parameters:
    """What is declared of the eight."""
    return parameters(cloud)
