"""The reference service's addresses. The city comes from the gate; a parameter that names one means nothing."""

from __future__ import annotations

import re
from typing import Any

from omi_web.http import Refusal, Request, Response, Routes, answer, page
from omi_web.pool import Pool, Unavailable

from omi_business import records
from omi_business.certificate import certificate_page
from omi_business.gate import CITY
from omi_business.residents import MOST_NAME, read_resident, text
from omi_business.settings import Group, Settings

KEY = re.compile(r"[\x21-\x7e]{8,200}")
"""An Idempotency-Key: printable, long enough not to be met twice."""
MOST_NUMBER = 2**63 - 1
Pools = dict[tuple[str, str], Pool]


class Service:
    """Answers requests for every city from that city's databases."""

    def __init__(self, settings: Settings, pools: Pools) -> None:
        self._settings, self._pools = settings, pools
        self._routes = Routes()
        add = self._routes.add
        add("GET", "/", self.front)
        for group in settings.groups.values():
            add("GET", f"/(?P<path>{group.path})", self.group)
            add("POST", f"/(?P<path>{group.path})/procedures", self.receive)
            add("GET", f"/(?P<path>{group.path})/procedures/(?P<number>[0-9]+)", self.procedure)
        add("POST", "/resident-records/residents", self.register)
        add("GET", "/resident-records/residents", self.find)
        add("GET", "/resident-records/residents/(?P<number>[0-9]+)", self.resident)
        add("POST", "/resident-records/residents/(?P<number>[0-9]+)/certificates", self.certificate)

    def __call__(self, request: Request) -> Response:
        """The answer. Raises Refusal; 503 where a database does not answer."""
        try:
            return self._routes(request)
        except Unavailable as error:
            raise Refusal(503, "the database does not answer") from error

    def front(self, request: Request) -> Response:
        """Whose system this is, and its groups."""
        city = request.environ[CITY]
        groups = [described(group) for group in self._settings.groups.values()]
        return answer(200, {"city": city, "title": self._settings.cities[city], "groups": groups})

    def group(self, _: Request, path: str) -> Response:
        """A group's functions: how many, and those whose names are public."""
        return answer(200, described(self._group(path)))

    def receive(self, request: Request, path: str) -> Response:
        """Receive an application for one of the group's named functions."""
        group, body, wrong = self._group(path), request.mapping(), list[str]()
        function = body.get("function")
        if function not in group.named:
            wrong.append(f"function: there are {', '.join(group.named)}")
        applicant = text(body, "applicant", MOST_NAME, wrong)
        key = idempotency_key(request, wrong)
        if wrong:
            raise Refusal(400, *wrong)
        made = self._run(
            request,
            group.name,
            records.receive(str(function), applicant, records.asked(key, function, applicant)),
        )
        return created(made)

    def procedure(self, request: Request, path: str, number: str) -> Response:
        """An application."""
        group = self._group(path)
        return answer(200, shown(self._run(request, group.name, records.procedure(in_range(number)))))

    def register(self, request: Request) -> Response:
        """Register a resident."""
        wrong: list[str] = []
        key = idempotency_key(request, wrong)
        try:
            resident = read_resident(request.mapping())
        except Refusal as refusal:
            raise Refusal(refusal.status, *wrong, *refusal.wrong) from refusal
        if wrong:
            raise Refusal(400, *wrong)
        asked = records.asked(key, *resident)
        return created(self._run(request, "resident_records", records.register(resident, asked)))

    def find(self, request: Request) -> Response:
        """Residents by the beginning of their name, their reading, or both."""
        name, kana = request.query.get("name", ""), request.query.get("kana", "")
        if not (name or kana):
            raise Refusal(400, "say name=, kana= or both")
        if "\0" in name + kana:
            raise Refusal(400, "no name has U+0000")
        found = self._run(request, "resident_records", records.find(name, kana))
        return answer(200, {"residents": [shown(person) for person in found]})

    def resident(self, request: Request, number: str) -> Response:
        """A resident."""
        return answer(200, shown(self._run(request, "resident_records", records.resident(in_range(number)))))

    def certificate(self, request: Request, number: str) -> Response:
        """Issue a certificate of a resident: a page to print."""
        wrong: list[str] = []
        key = idempotency_key(request, wrong)
        if wrong:
            raise Refusal(400, *wrong)
        issue = records.issue(in_range(number), records.asked(key, number))
        person = self._run(request, "resident_records", issue)
        return page(200, certificate_page(self._settings.cities[request.environ[CITY]], person))

    def _group(self, path: str) -> Group:
        return self._settings.groups[path.replace("-", "_")]

    def _run(self, request: Request, group: str, transaction: Any) -> Any:
        return self._pools[request.environ[CITY], group].run(transaction)


def described(group: Group) -> dict[str, Any]:
    """A group for its clients."""
    return {
        "path": f"/{group.path}",
        "title": group.title,
        "functions": group.functions,
        "named": list(group.named),
    }


def created(made: records.Made) -> Response:
    """What was made: 201 the first time, 200 when it is asked for again."""
    return answer(201 if made.new else 200, {"number": made.number})


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON can say it: days as 1950-04-01."""
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}


def idempotency_key(request: Request, wrong: list[str]) -> str:
    """The request's key; what is wrong with it goes to ``wrong``."""
    key = request.headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        wrong.append("Idempotency-Key: send a header of 8 to 200 printable characters, new for each request")
    return key


def in_range(number: str) -> int:
    """A number that a database can hold. Raises Refusal 404."""
    if len(number) > len(str(MOST_NUMBER)) or int(number) > MOST_NUMBER:
        raise Refusal(404, f"there is no {number[:30]}")
    return int(number)
