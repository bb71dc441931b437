"""Requests, operations and failures, against a small HTTP server on a unix socket that answers as Incus does."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from infra.provider.client import Incus, path
from infra.provider.endpoint import Endpoint
from infra.provider.errors import (
    IncusError,
    InitFailedError,
    NotFoundError,
    OperationTimeoutError,
    ProviderError,
)
from infra.provider.kinds import KINDS

NETWORK = KINDS["incus:index:Network"]
INPUTS = {"name": "n", "project": "p", "type": "bridge"}


def sync(document, etag=""):
    return 200, {"type": "sync", "metadata": document}, etag


def begun(operation="/1.0/operations/1"):
    return 202, {"type": "async", "operation": operation, "metadata": {}}, ""


def refused(status, text):
    return status, {"type": "error", "error_code": status, "error": text}, ""


@asynccontextmanager
async def answering(tmp_path, *script):
    """An Incus whose server gives the answers of `script` in turn, and the list of what it was asked."""
    asked = []
    answers = iter(script)

    async def converse(reader, writer):
        while head := await reader.readline():
            length = 0
            headers = {}
            while (line := await reader.readline()).strip():
                key, _, value = line.decode().partition(":")
                headers[key.lower()] = value.strip()
            length = int(headers.get("content-length", 0))
            body = await reader.readexactly(length)
            method, target, _ = head.decode().split(" ")
            asked.append((method, target, json.loads(body) if body else None, headers.get("if-match")))
            status, document, etag = next(answers)
            content = json.dumps(document).encode()
            lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", f"ETag: {etag}"]
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            await writer.drain()

    socket = str(tmp_path / "s")
    server = await asyncio.start_unix_server(converse, socket)
    try:
        yield Incus(Endpoint(socket, "default")), asked
    finally:
        server.close()
    assert next(answers, None) is None, "it was not asked everything"


def test_no_name_can_leave_its_place_in_a_path():
    assert path("networks", "../../x?y=z#") == "/1.0/networks/..%2F..%2Fx%3Fy%3Dz%23"


async def test_a_refusal_is_told_in_incus_words(tmp_path):
    async with answering(tmp_path, refused(400, "Name is too long")) as (incus, _):
        with pytest.raises(IncusError, match=r"^Name is too long$"):
            await incus.send("POST", "/1.0/networks", body={})


async def test_a_server_that_is_not_there_is_told_with_its_address(tmp_path):
    incus = Incus(Endpoint(f"{tmp_path}/none", "default"))
    with pytest.raises(ProviderError, match=f"cannot reach Incus at {tmp_path}/none"):
        await incus.get("/1.0")


async def test_what_is_not_there_is_none_and_gone_is_fine(tmp_path):
    gone = refused(404, "Network not found")
    async with answering(tmp_path, gone, gone, gone) as (incus, _):
        assert await incus.find("/1.0/networks/n") is None
        await incus.remove("/1.0/networks/n")
        with pytest.raises(NotFoundError):
            await incus.get("/1.0/networks/n")


async def test_an_operation_is_waited_for(tmp_path):
    done = sync({"status": "Success", "status_code": 200, "metadata": {"fingerprint": "f"}})
    async with answering(tmp_path, begun(), done) as (incus, asked):
        assert await incus.send("POST", "/1.0/images", patience=7) == {"fingerprint": "f"}
    assert asked[1][:2] == ("GET", "/1.0/operations/1/wait?timeout=7")


@pytest.mark.parametrize(
    "failure",
    [
        sync({"status": "Failure", "status_code": 400, "err": "no space"}),
        (200, {"type": "error", "error_code": 500, "error": "no space"}, ""),
        refused(404, "no space"),
    ],
)
async def test_a_failed_operation_is_an_error_but_never_something_that_is_gone(tmp_path, failure):
    async with answering(tmp_path, begun(), failure) as (incus, _):
        with pytest.raises(IncusError, match="no space") as raised:
            await incus.remove("/1.0/instances/h")
        assert not isinstance(raised.value, NotFoundError)


async def test_an_operation_that_takes_too_long_is_cancelled(tmp_path):
    running = sync({"status": "Running", "status_code": 103})
    async with answering(tmp_path, begun(), running, sync({})) as (incus, asked):
        with pytest.raises(OperationTimeoutError, match="not done after 3 s"):
            await incus.send("POST", "/1.0/instances", patience=3)
    assert asked[2][:2] == ("DELETE", "/1.0/operations/1")


async def test_a_document_that_changed_meanwhile_is_read_again(tmp_path):
    script = sync({"n": 1}, "e1"), refused(412, "ETag"), sync({"n": 5}, "e2"), sync({})
    async with answering(tmp_path, *script) as (incus, asked):
        await incus.change("/1.0/x", None, lambda now: {"n": now["n"] + 1})
    assert [(method, body, etag) for method, _, body, etag in asked if method == "PUT"] == [
        ("PUT", {"n": 2}, "e1"),
        ("PUT", {"n": 6}, "e2"),
    ]


async def test_a_creation_that_cannot_be_read_back_is_taken_away_again(tmp_path):
    script = sync({}), refused(500, "database is locked"), sync({})
    async with answering(tmp_path, *script) as (incus, asked):
        with pytest.raises(ProviderError, match="database is locked; the network was deleted again"):
            await NETWORK.create(incus, INPUTS, 1)
    assert asked[-1][:2] == ("DELETE", "/1.0/networks/n?project=p")


async def test_what_cannot_be_taken_away_is_told_exactly_and_kept_in_the_state(tmp_path):
    script = sync({}), refused(500, "database is locked"), refused(500, "still locked")
    async with answering(tmp_path, *script) as (incus, _):
        with pytest.raises(InitFailedError) as raised:
            await NETWORK.create(incus, INPUTS, 1)
    assert "the network is left in Incus, because deleting it failed as well: still locked" in str(
        raised.value
    )
    assert (raised.value.identity, raised.value.state) == ("p/n", INPUTS)


async def test_a_creation_that_incus_refused_leaves_nothing_to_take_away(tmp_path):
    async with answering(tmp_path, refused(409, "The network already exists")) as (incus, asked):
        with pytest.raises(IncusError, match="already exists"):
            await NETWORK.create(incus, INPUTS, 1)
    assert [method for method, *_ in asked] == ["POST"]
