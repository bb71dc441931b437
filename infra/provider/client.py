"""Incus' REST interface: requests, operations and error texts, over a unix socket or TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from infra.provider import endpoint as endpoints
from infra.provider.endpoint import Endpoint
from infra.provider.errors import IncusError, NotFoundError, OperationTimeoutError, ProviderError

DEFAULT_PATIENCE = 600.0
"""Seconds an operation may take when the program names no `custom_timeouts`."""

_PARALLEL_INSTANCES = 8
_NOT_FOUND, _FORBIDDEN, _CHANGED_MEANWHILE = 404, 403, 412
_ATTEMPTS = 5

Json = dict[str, Any]
Params = Mapping[str, str]


def path(*segments: str) -> str:
    """`/1.0/...` with each segment quoted, so that no name can leave its place."""
    return "/".join(["/1.0", *(quote(segment, safe="") for segment in segments)])


class Incus:
    """One Incus server. Every method may raise IncusError, or ProviderError if it is out of reach."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.starting = asyncio.Semaphore(_PARALLEL_INSTANCES)
        self._http = _http_client(endpoint)

    async def get(self, where: str, params: Params | None = None) -> Json:
        """The document at a path. Raises NotFoundError."""
        return dict((await self._answer("GET", where, params))[0]["metadata"] or {})

    async def find(self, where: str, params: Params | None = None) -> Json | None:
        """The document at a path, or None if it is not there."""
        try:
            return await self.get(where, params)
        except NotFoundError:
            return None

    async def text(self, where: str, params: Params | None = None) -> str:
        """A raw file, such as an instance's log."""
        return (await self._response("GET", where, params)).text

    async def send(
        self,
        method: str,
        where: str,
        params: Params | None = None,
        *,
        body: Json | None = None,
        patience: float = DEFAULT_PATIENCE,
        **content: Any,
    ) -> Json:
        """Have something done and wait until it is; `patience` in seconds, `content` as httpx takes it."""
        answer, _ = await self._answer(method, where, params, json=body, **content)
        if answer["type"] != "async":
            return dict(answer.get("metadata") or {})
        return await self._finished(answer["operation"], patience)

    async def change(
        self,
        where: str,
        params: Params | None,
        edit: Callable[[Json], Json],
        patience: float = DEFAULT_PATIENCE,
    ) -> None:
        """Replace a document by `edit` of itself; starts over when someone else changed it in between."""
        for attempt in range(1, _ATTEMPTS + 1):
            answer, etag = await self._answer("GET", where, params)
            headers = {"If-Match": etag} if etag else {}
            try:
                await self.send(
                    "PUT", where, params, body=edit(answer["metadata"]), headers=headers, patience=patience
                )
            except IncusError as error:
                if error.status != _CHANGED_MEANWHILE or attempt == _ATTEMPTS:
                    raise
            else:
                return

    async def remove(self, where: str, params: Params | None = None) -> None:
        """Delete something; that it is gone already is fine."""
        try:
            await self.send("DELETE", where, params)
        except NotFoundError:
            return

    async def _finished(self, operation: str, patience: float) -> Json:
        try:
            done = await self.get(f"{operation}/wait", {"timeout": str(max(1, round(patience)))})
        except NotFoundError as error:  # something the operation needed, not what it was about
            raise IncusError(str(error), error.status) from None
        code = int(done["status_code"])
        if code < 200:  # still going on
            await _quietly(self.send("DELETE", operation))
            raise OperationTimeoutError(f"not done after {patience:.0f} s", code)
        if code >= 400:
            raise IncusError(done.get("err") or done["status"], code)
        return dict(done.get("metadata") or {})

    async def _answer(
        self, method: str, where: str, params: Params | None, **content: Any
    ) -> tuple[Json, str | None]:
        response = await self._response(method, where, params, **content)
        answer = response.json()
        if answer["type"] == "error":  # of an operation waited for, whose answer had begun before it failed
            raise _refused(str(answer["error"]), int(answer["error_code"]))
        return answer, response.headers.get("ETag")

    async def _response(
        self, method: str, where: str, params: Params | None, **content: Any
    ) -> httpx.Response:
        try:
            response = await self._http.request(method, where, params=params, **content)
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise ProviderError(f"cannot reach Incus at {self.endpoint.address}: {why}") from None
        if response.is_error:
            raise _refusal(response)
        return response


def _http_client(endpoint: Endpoint) -> httpx.AsyncClient:
    """Nothing of the environment is used: a proxy set for the desk must not see an Incus server's traffic."""
    # Operations are waited for in one long request each, so there is no time limit on reading.
    timeout = httpx.Timeout(None, connect=10.0)
    limits = httpx.Limits(max_connections=None)
    if endpoint.is_unix:
        transport = httpx.AsyncHTTPTransport(uds=endpoint.address, limits=limits)
        return httpx.AsyncClient(
            transport=transport, base_url="http://incus", timeout=timeout, trust_env=False
        )
    transport = httpx.AsyncHTTPTransport(verify=endpoints.tls(endpoint), limits=limits)
    return httpx.AsyncClient(transport=transport, base_url=endpoint.address, timeout=timeout, trust_env=False)


def _refusal(response: httpx.Response) -> IncusError:
    try:
        message = str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        message = f"HTTP {response.status_code} {response.reason_phrase}"
    return _refused(message, response.status_code)


def _refused(message: str, status: int) -> IncusError:
    if status == _FORBIDDEN:
        message += " (does Incus trust this client certificate? `incus config trust list` shows)"
    return NotFoundError(message, status) if status == _NOT_FOUND else IncusError(message, status)


async def _quietly(action: Awaitable[object]) -> None:
    """For a clean-up whose failure changes nothing about what is reported."""
    try:
        await action
    except ProviderError:
        return
