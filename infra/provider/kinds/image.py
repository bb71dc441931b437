"""Images from local files, known by the fingerprint of their content."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from infra.provider.attributes import TEXT, Attribute, list_of, matching, record
from infra.provider.client import Incus, Params, path
from infra.provider.errors import Fault, IncusError, OperationTimeoutError, ProviderError
from infra.provider.kinds.base import Kind, in_order
from infra.provider.kinds.shapes import PROJECT
from infra.provider.values import UNKNOWN, Plain, is_unknown

_CHUNK = 1 << 20
_CLAIM, _FOREIGN = "omi.claim.", "omi.foreign"

_ALIASES = list_of(
    matching(lambda name: name != "" and not set(name) & set(" \t\n"), "an alias without spaces")
)


class Image(Kind):
    """An image, uploaded once: one of the same content that is there already is shared.

    Stacks may share an image, and so do, after an update that failed half-way, two resources of one stack: so
    each leaves a claim in the image's properties, and the last to go deletes the image. One that nobody had
    claimed was put there by a hand: it is adopted and stays. `foreign_aliases` are those it had that are nobody's
    declaration; they are no drift.
    """

    noun = "image"
    scope: ClassVar[tuple[str, ...]] = ("project", "fingerprint")
    collection = ("images",)
    attributes = (
        PROJECT,
        Attribute(
            "source_file",
            record(Attribute("data_path", TEXT, required=True), Attribute("metadata_path", TEXT)),
            required=True,
            document=False,
            compared=False,
        ),
        Attribute("aliases", _ALIASES, document=False),
        Attribute("fingerprint", TEXT, replaces=True, document=False),
    )

    def rules(self, inputs: Plain) -> list[Fault]:
        source = inputs.get("source_file")
        if not isinstance(source, dict):
            return []
        return [
            Fault(f"source_file.{name}", f"`{file}` is not a file that is there")
            for name, file in source.items()
            if isinstance(file, str) and not is_unknown(file) and not Path(file).is_file()
        ]

    async def derive(self, inputs: Plain) -> Plain:
        source = inputs["source_file"]
        if is_unknown(source) or any(map(is_unknown, source.values())):
            return {**inputs, "fingerprint": UNKNOWN}
        return {**inputs, "fingerprint": await asyncio.to_thread(fingerprint, _files(source))}

    async def create(self, incus: Incus, inputs: Plain, patience: float) -> Plain:
        claim = secrets.token_hex(8)
        aliases = inputs.get("aliases", [])
        present = await incus.find(self.item(inputs), self.params(inputs))
        if present is None and not await self._upload(incus, inputs, patience):
            present = await incus.get(self.item(inputs), self.params(inputs))
        declared = {name for names in claims(present or {}).values() for name in names} | set(aliases)
        state = {
            **inputs,
            "claim": claim,
            "adopted": present is not None and is_foreign(present),
            "foreign_aliases": [name for name in _aliases(present or {}) if name not in declared],
        }
        try:
            await self._claim(incus, state, aliases)
        except ProviderError as error:
            raise await self.withdrawn(incus, state, error) from error
        return state

    async def read(self, incus: Incus, state: Plain) -> Plain | None:
        document = await incus.find(self.item(state), self.params(state))
        if document is None:
            return None
        foreign = state.get("foreign_aliases", [])
        shown = [name for name in _aliases(document) if name not in foreign]
        rest = {key: value for key, value in state.items() if key != "aliases"}
        return {**rest, "aliases": in_order(shown, state.get("aliases", []))} if shown else rest

    async def update(self, incus: Incus, state: Plain, inputs: Plain, patience: float) -> Plain:
        del patience
        wanted = inputs.get("aliases", [])
        imported = {"claim": secrets.token_hex(8), "adopted": False}
        state = {**imported, **state}
        await self._release(incus, state, [name for name in state.get("aliases", []) if name not in wanted])
        await self._claim(incus, {**state, **inputs}, wanted)
        return {**{key: value for key, value in state.items() if key != "aliases"}, **inputs}

    async def delete(self, incus: Incus, state: Plain) -> None:
        where, params = self.item(state), self.params(state)
        document = await incus.find(where, params)
        if document is None:
            return
        others = claims(document)
        others.pop(state.get("claim", ""), None)
        if not others and not state.get("adopted"):
            await incus.remove(where, params)
            return
        kept = {name for names in others.values() for name in names}
        await self._release(incus, state, [name for name in state.get("aliases", []) if name not in kept])
        await incus.change(where, params, lambda image: unclaimed(image, state.get("claim", "")))

    async def _upload(self, incus: Incus, inputs: Plain, patience: float) -> bool:
        """Whether the image was uploaded; False if somebody else was quicker with the same one.

        The claim follows the upload and is no header of it: Incus 6.0 falls over properties in a header when
        the image's own metadata has none.
        """
        params = self.params(inputs)
        headers = {"X-Incus-fingerprint": inputs["fingerprint"], "X-Incus-public": "false"}
        try:
            with _opened(inputs["source_file"]) as content:
                await incus.send(
                    "POST", self.home(inputs), params, headers=headers, patience=patience, **content
                )
        except OperationTimeoutError as error:
            raise await self.withdrawn(incus, inputs, error) from error
        except IncusError:
            if await incus.find(self.item(inputs), params) is None:
                raise
            return False
        return True

    async def _claim(self, incus: Incus, state: Plain, names: list[str]) -> None:
        """Claim the image and make the aliases point at it. One that points elsewhere moves, as in a replacement."""
        target, params = state["fingerprint"], self.params(state)
        await incus.change(
            self.item(state), params, lambda image: claimed(image, state["claim"], names, state["adopted"])
        )
        for name in names:
            current = await incus.find(path("images", "aliases", name), params)
            if current is None:
                body = {"name": name, "target": target}
                await incus.send("POST", path("images", "aliases"), params, body=body)
            elif current["target"] != target:
                body = {"target": target, "description": current.get("description", "")}
                await incus.send("PUT", path("images", "aliases", name), params, body=body)

    async def _release(self, incus: Incus, state: Plain, names: Iterable[str]) -> None:
        """Take away those of the aliases that still point here."""
        params: Params = self.params(state)
        for name in names:
            current = await incus.find(path("images", "aliases", name), params)
            if current is not None and current["target"] == state["fingerprint"]:
                await incus.remove(path("images", "aliases", name), params)


def claims(document: Plain) -> dict[str, list[str]]:
    """Who claims an image: the aliases that each of them declares, by claim."""
    properties = document.get("properties") or {}
    return {
        key.removeprefix(_CLAIM): value.split()[1:]
        for key, value in properties.items()
        if key.startswith(_CLAIM)
    }


def claim_of(aliases: list[str]) -> str:
    """A claim's value; the word first keeps one without aliases from being empty, which Incus takes for unset."""
    return " ".join(["aliases:", *aliases])


def is_foreign(document: Plain) -> bool:
    """Whether an image was put there by somebody who claims nothing."""
    return not claims(document) or _FOREIGN in document["properties"]


def claimed(document: Plain, claim: str, aliases: list[str], foreign: bool) -> Plain:
    """The image's document with a claim in it, and a mark that keeps a foreign one from deletion."""
    claims_made = {_CLAIM + claim: claim_of(aliases), **({_FOREIGN: "true"} if foreign else {})}
    return {**document, "properties": {**(document.get("properties") or {}), **claims_made}}


def unclaimed(document: Plain, claim: str) -> Plain:
    """The image's document without a claim; after the last one nothing of ours is left in it."""
    properties = {k: v for k, v in (document.get("properties") or {}).items() if k != _CLAIM + claim}
    if not claims({"properties": properties}):
        properties.pop(_FOREIGN, None)
    return {**document, "properties": properties}


def fingerprint(files: Iterable[Path]) -> str:
    """What Incus will call an image of these files, metadata first: the SHA-256 of one after the other.

    Raises ProviderError if one cannot be read.
    """
    digest = hashlib.sha256()
    for file in files:
        try:
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        except OSError as error:
            raise ProviderError(f"cannot read the image file {file}: {error.strerror}") from None
    return digest.hexdigest()


def _files(source: Plain) -> list[Path]:
    return [Path(source[name]) for name in ("metadata_path", "data_path") if name in source]


def _aliases(document: Plain) -> list[str]:
    return [alias["name"] for alias in document.get("aliases") or []]


@contextlib.contextmanager
def _opened(source: Plain) -> Iterator[dict[str, Any]]:
    """The body of an upload, as httpx takes it: two parts for a split image, one file for a unified one."""
    with contextlib.ExitStack() as stack:
        *metadata, data = (stack.enter_context(file.open("rb")) for file in _files(source))
        if metadata:
            yield {"files": {"metadata": ("metadata", metadata[0]), "rootfs": ("rootfs", data)}}
        else:
            yield {"content": _chunks(data)}


async def _chunks(stream: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(stream.read, _CHUNK):
        yield chunk
