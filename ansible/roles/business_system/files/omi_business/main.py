"""What gunicorn runs: ``omi_business.main:application()``, or the vendor's application behind the same gate."""

from __future__ import annotations

import functools
import importlib
import logging
import os
from typing import cast

import psycopg2
from omi_web.http import Wsgi, wsgi
from omi_web.pool import Pool

from omi_business.gate import Gate
from omi_business.service import Service
from omi_business.settings import from_environment
from omi_business.warmth import Warming, Warmth

VENDOR = "OMI_BUSINESS_APPLICATION"
"""Environment variable: the vendor's WSGI application as module:name; empty for the reference service."""


def application() -> Gate:
    """The application of this host, with its pools being warmed."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    settings = from_environment()
    pools = {
        place: Pool(
            functools.partial(psycopg2.connect, **connect),
            settings.connections,
            settings.patience_s,
            connect["dbname"],
        )
        for place, connect in settings.databases.items()
    }
    warmth = Warmth({f"{city}_{group}": cast(Warming, pool) for (city, group), pool in pools.items()})
    warmth.start()
    vendor = os.environ.get(VENDOR)
    inner = loaded(vendor) if vendor else wsgi(Service(settings, pools))
    return Gate(inner, warmth.answer, settings.proxies, settings.cities)


def loaded(name: str) -> Wsgi:
    """The WSGI application called module:name."""
    module, _, attribute = name.partition(":")
    return cast(Wsgi, getattr(importlib.import_module(module), attribute))
