"""What gunicorn runs: ``omi_print.web:gateway()`` for the cities, ``omi_print.web:drop()`` for the gateway."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from omi_web.http import Refusal, Request, Response, Routes, Wsgi, answer, wsgi
from omi_web.peer import Peer, is_host, peer

from omi_print import manifest, sealing
from omi_print.drop import Drop
from omi_print.gateway import Gateway
from omi_print.intake import Intake, Mismatch
from omi_print.ledger import Ledger
from omi_print.manifest import Content, Manifest
from omi_print.settings import Settings, from_environment
from omi_print.states import State

MOST_PIECE = 4 * 1024 * 1024
"""Bytes of one request."""
SHA = "(?P<name>[0-9a-f]{64})"
BATCH = "(?P<name>[a-z][a-z0-9]{1,15}-[0-9a-f]{64})"

log = logging.getLogger("omi.print")

Announced = Callable[[Request, str], tuple[Manifest, Content]]
Named = Callable[[Request, str], str]


def gateway() -> Wsgi:
    """The gateway's door for the cities."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    settings = from_environment()
    place = Gateway(settings.folder)
    routes = batches(place.intake, SHA, announced_by_city(settings), named_by_city(settings))
    routes.add("GET", "/counts", lambda request: own_counts(request, settings, place.ledger))
    return wsgi(routes)


def drop() -> Wsgi:
    """The drop's door for the gateway."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    settings = from_environment()
    place = Drop(settings.folder, partial(sealing.unseal, settings.gnupg))
    place.tidy()
    routes = batches(place.intake, BATCH, announced_by_gateway, lambda _, name: name)
    routes.add("GET", "/counts", lambda _: answer(200, place.ledger.counts(State.ACCEPTED)))

    def handle(request: Request) -> Response:
        require_gateway(peer(request.environ), settings)
        return routes(request)

    return wsgi(handle)


def batches(intake: Intake, pattern: str, announced: Announced, named: Named) -> Routes:
    """The addresses at which files are received."""
    routes = Routes()

    def put(request: Request, name: str) -> Response:
        return stands(lambda: intake.announce(*announced(request, name)))

    def patch(request: Request, name: str) -> Response:
        offset = request.headers.get("upload-offset", "")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
            raise Refusal(400, "Upload-Offset: write how many bytes went before")
        batch = named(request, name)
        return stands(lambda: intake.append(batch, int(offset), request.body(MOST_PIECE)))

    def get(request: Request, name: str) -> Response:
        return stands(lambda: intake.stands(named(request, name)))

    for method, handler in (("PUT", put), ("PATCH", patch), ("GET", get)):
        routes.add(method, f"/batches/{pattern}", handler)
    return routes


def stands(act: Callable[[], tuple[State, int]]) -> Response:
    """Where a batch stands after ``act``: 409 where something did not fit, 404 where it is unknown."""
    try:
        state, offset = act()
    except Mismatch as mismatch:
        # 409 without a state would be tried again for ever: a text that is wrong stays wrong.
        wrong_offset = mismatch.offset > 0 or mismatch.wrong[0].startswith("0 bytes")
        status = 409 if wrong_offset else 422
        more: dict[str, Any] = {"state": State.RECEIVING, "offset": mismatch.offset} if wrong_offset else {}
        raise Refusal(status, *mismatch.wrong, **more) from mismatch
    except KeyError as error:
        raise Refusal(404, "there is no such batch; announce it first") from error
    return answer(200, {"state": state, "offset": offset})


def sending_city(request: Request, settings: Settings) -> str:
    """The city whose certificate the sender has. Raises Refusal 403."""
    who = peer(request.environ)
    if who.organization not in settings.cities:
        log.warning("refused %s %s: not entitled: %r", request.method, request.path, who.organization)
        raise Refusal(403, "not entitled to joint printing")
    return who.organization


def named_by_city(settings: Settings) -> Named:
    """A city names its batch by the text's digest; it cannot name another's."""
    return lambda request, name: f"{sending_city(request, settings)}-{name}"


def announced_by_city(settings: Settings) -> Announced:
    """A city announces a text."""

    def read(request: Request, name: str) -> tuple[Manifest, Content]:
        city, wrong = sending_city(request, settings), list[str]()
        batch = manifest.read(city, request.mapping(), wrong)
        if not wrong and batch.sha256 != name:
            wrong.append("sha256: not the one in the address")
        if wrong:
            raise Refusal(400, *wrong)
        return batch, Content(batch.sha256, batch.bytes)

    return read


def announced_by_gateway(request: Request, name: str) -> tuple[Manifest, Content]:
    """The gateway announces a sealed file, and whose text of what digest is in it."""
    body, wrong = request.mapping(), list[str]()
    batch = manifest.read(name.partition("-")[0], body, wrong)
    carried = Content(
        manifest.digest(body, "carried_sha256", wrong), manifest.number(body, "carried_bytes", wrong)
    )
    if not wrong and batch.batch != name:
        wrong.append("sha256: not the one in the address")
    if wrong:
        raise Refusal(400, *wrong)
    return batch, carried


def require_gateway(who: Peer, settings: Settings) -> None:
    """Raises Refusal 403 where the other end is not the gateway."""
    if not is_host(who, settings.gateways):
        log.warning("refused: %s", who)
        raise Refusal(403, "only the gateway hands over")


def own_counts(request: Request, settings: Settings, ledger: Ledger) -> Response:
    """What a city has had delivered, and what is on its way. No city sees another's."""
    city = sending_city(request, settings)
    nothing = {"batches": 0, "notices": 0}
    return answer(200, {city: {state: ledger.counts(state).get(city, nothing) for state in SHOWN}})


SHOWN = (State.RECEIVING, State.RECEIVED, State.SEALED, State.DELIVERED)
