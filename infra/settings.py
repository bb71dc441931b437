"""What a stack's configuration may say.

Everything else follows from the declaration, so that only this differs between the lab and production.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.gate import Override

ROOT = Path(__file__).resolve().parent.parent


class ClusterSettings(BaseModel):
    """An Incus daemon or cluster that sites run on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: Annotated[str, Field(min_length=1)]
    """Path of a unix socket, or https://host:port."""
    server_certificate: str | None = None
    """PEM file of the one certificate the server may show."""
    uplinks: dict[str, str] = {}
    """Link network to the network card on which it arrives; empty where both ends are on one daemon."""


class Settings(BaseModel):
    """The stack's configuration, paths made absolute and environment variables put in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clusters: Annotated[dict[str, ClusterSettings], Field(min_length=1)]
    """Cluster by the name of the site it carries; ``default`` carries every site without one."""
    images: Path
    """Folder of built images, with index.json (lab/images.py writes it)."""
    authorized_keys: Path
    """Public keys that may sign in as root over management."""
    inventory: Path | None = None
    """Another declaration than the repository's: as configured, else as OMI_INVENTORY says."""
    client_certificate: Path | None = None
    storage_pool: str = "default"
    without_verdict: Override | None = None
    """Why a declaration without a passing verdict is built all the same."""

    def cluster(self, site: str) -> str:
        """Name of the cluster that carries ``site``. Raises KeyError if there is none."""
        if site in self.clusters:
            return site
        if "default" not in self.clusters:
            raise KeyError(f"no cluster for site {site!r}: add omi:clusters.{site} or omi:clusters.default")
        return "default"


PATHS = ("images", "authorized_keys", "inventory", "client_certificate")


def read() -> Settings:
    """The stack's settings. Raises pulumi.RunError with everything that is wrong with them."""
    config = pulumi.Config("omi")
    given: dict[str, Any] = {"clusters": config.get_object("clusters") or {}}
    given["without_verdict"] = config.get_object("without_verdict")
    for key in (*PATHS, "storage_pool"):
        value = config.get(key)
        if value is not None:
            given[key] = value
    # As for `omi` and Ansible, which know no stack: `. .lab/env` sets it for a lab of another declaration.
    named = os.environ.get("OMI_INVENTORY")
    if named:
        given.setdefault("inventory", named)
    return parse(given)


def parse(given: dict[str, Any]) -> Settings:
    """Settings from plain configuration. Raises pulumi.RunError with everything that is wrong."""
    problems: list[str] = []
    expanded = expand(given, "omi", problems)
    try:
        settings = Settings.model_validate(
            {key: str(ROOT / value) if key in PATHS else value for key, value in expanded.items()}
        )
    except ValidationError as error:
        problems += [f"omi:{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    if problems:
        raise pulumi.RunError("stack configuration:\n  " + "\n  ".join(problems))
    return settings


def expand(value: Any, where: str, problems: list[str]) -> Any:
    """``value`` with ${VARIABLE} replaced in every text; an unset one is noted in ``problems``."""
    if isinstance(value, dict):
        return {key: expand(item, f"{where}:{key}", problems) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    result = os.path.expandvars(value)
    if "$" in result:
        problems.append(f"{where}: {value!r} names a variable that is not set; run `. .lab/env` for the lab")
    return result
