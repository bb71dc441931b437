"""Images from local files, known by the fingerprint of their content."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from infra.provider.attributes import STRINGS, TEXT, Attribute, record
from infra.provider.client import Incus, Params, path
from infra.provider.errors import Fault, IncusError, OperationTimeoutError, ProviderError
from infra.provider.kinds.base import Kind, in_order
from infra.provider.kinds.shapes import PROJECT
from infra.provider.values import UNKNOWN, Plain, is_unknown

_CHUNK = 1 << 20


class Image(Kind):
    """An image, uploaded once: one of the same content that is there already is adopted.

    An adopted image belongs to somebody else as well, so deleting the resource takes away only the aliases
    that the resource declares. `foreign_aliases` are those it had when it was adopted; they are no drift.
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
        Attribute("aliases", STRINGS, document=False),
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
        params = self.params(inputs)
        present = await incus.find(self.item(inputs), params)
        if present is None and not await self._upload(incus, inputs, patience):
            present = await incus.get(self.item(inputs), params)
        before = _aliases(present) if present else []
        outputs = {
            "adopted": present is not None,
            "foreign_aliases": [name for name in before if name not in inputs.get("aliases", [])],
        }
        try:
            await self._claim(incus, inputs, inputs.get("aliases", []))
        except ProviderError as error:
            raise await self.withdrawn(incus, {**inputs, **outputs}, error) from error
        return {**inputs, **outputs}

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
        await self._release(incus, state, [name for name in state.get("aliases", []) if name not in wanted])
        await self._claim(incus, inputs, wanted)
        return {**state, **inputs}

    async def delete(self, incus: Incus, state: Plain) -> None:
        if state.get("adopted"):
            await self._release(incus, state, state.get("aliases", []))
        else:
            await incus.remove(self.item(state), self.params(state))

    async def _upload(self, incus: Incus, inputs: Plain, patience: float) -> bool:
        """Whether the image was uploaded; False if somebody else was quicker with the same one."""
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

    async def _claim(self, incus: Incus, inputs: Plain, names: Iterable[str]) -> None:
        """Make the aliases point here. One that points elsewhere moves, as when an image is replaced."""
        target, params = inputs["fingerprint"], self.params(inputs)
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
