"""The service as a WSGI application: the way from a request to an answer."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from omi_web.pool import Pool, Unavailable

from . import requests
from .caller import Caller, RefusedError, caller
from .database import connect
from .queue import ACCEPTED, CONTRADICTED, Queue
from .settings import Settings, read

Environment = dict[str, Any]
Answer = tuple[int, dict[str, Any]]

REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    503: "Service Unavailable",
}


class Application:
    """Answers cities. nginx, the only one who can reach the socket, says whose certificate it has verified."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self.settings = settings
        self.pool = pool
        self.routes: dict[tuple[str, str], Callable[[Caller, Environment], Answer]] = {
            ("POST", "/messages"): self.post,
            ("GET", "/messages"): self.waiting,
            ("POST", "/messages/acknowledge"): self.acknowledge,
            ("GET", "/audit"): self.audit,
        }

    def __call__(self, environ: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, content = self.answer(environ)
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if status == 503:
            headers.append(("Retry-After", "1"))
        start_response(f"{status} {REASONS[status]}", headers)
        return [body]

    def answer(self, environ: Environment) -> Answer:
        """Status and content. Whatever is refused leaves a line that says whom and why."""
        request = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if request == ("GET", "/ready"):
            return 200, {"ready": self.settings.server}
        given = {
            name: environ.get(f"HTTP_X_CLIENT_{name.upper()}", "")
            for name in ("subject", "serial", "address")
        }
        try:
            who = caller(**given, cities=self.settings.cities)
        except RefusedError as error:
            report("refused", reason=str(error), **given)
            return 403, {"error": str(error)}
        route = self.routes.get(request)
        if not route:
            return 404, {"error": "there is no such thing here"}
        return self.served(route, who, environ)

    def served(
        self, route: Callable[[Caller, Environment], Answer], who: Caller, environ: Environment
    ) -> Answer:
        """What ``route`` answers, or what has kept it from answering."""
        try:
            return route(who, environ)
        except requests.UnfitRequestError as error:
            return 400, {"error": error.wrong}
        except Unavailable as error:
            report("unavailable", city=who.city, reason=str(error))
            return 503, {"error": "the database does not answer; nothing is known to be accepted, ask again"}

    def post(self, who: Caller, environ: Environment) -> Answer:
        """Accept a message. 201 and 200 (it was here already) are given only after the commit."""
        message = requests.message(environ["wsgi.input"].read())
        outcome = self.run(who, lambda queue: queue.accept(message))
        report(outcome, city=who.city, message=message.identifier, serial=who.serial, address=who.address)
        if outcome == CONTRADICTED:
            return 409, {"error": "this id is another message's"}
        return (201 if outcome == ACCEPTED else 200), {"id": message.identifier}

    def waiting(self, who: Caller, environ: Environment) -> Answer:
        """The city's queue."""
        most = requests.limit(environ.get("QUERY_STRING", ""))
        return 200, {"messages": self.run(who, lambda queue: queue.waiting(most))}

    def acknowledge(self, who: Caller, environ: Environment) -> Answer:
        """Take messages out of the city's queue; one of another city's is as unknown as one that never was."""
        wanted = requests.acknowledged(environ["wsgi.input"].read())
        known = self.run(who, lambda queue: queue.acknowledge(wanted))
        report("acknowledged", city=who.city, messages=len(known), serial=who.serial, address=who.address)
        return 200, {"acknowledged": known, "unknown": sorted(set(wanted) - set(known))}

    def audit(self, who: Caller, environ: Environment) -> Answer:
        """The city's audit log."""
        most = requests.limit(environ.get("QUERY_STRING", ""))
        return 200, {"entries": self.run(who, lambda queue: queue.audit(most))}

    def run(self, who: Caller, work: Callable[[Queue], Any]) -> Any:
        """``work`` on the caller's queue, committed."""
        return self.pool.run(lambda cursor: work(Queue(cursor, who, self.settings.server)))


def report(event: str, **details: Any) -> None:
    """A line for the journal."""
    print(json.dumps({"event": event, **details}, ensure_ascii=False), file=sys.stdout, flush=True)


def create() -> Application:
    """The application by its file of settings, which OMI_CS_SETTINGS names."""
    settings = read(Path(os.environ["OMI_CS_SETTINGS"]))
    pool = Pool(
        lambda: connect(settings),
        settings.connections,
        settings.patience_s,
        name="shared_cs",
        kept=settings.connections,
    )
    return Application(settings, pool)
