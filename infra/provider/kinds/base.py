"""What every kind of resource has, and what kinds that Incus keeps as one document share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from infra.provider import attributes, ownership
from infra.provider.attributes import Attribute
from infra.provider.client import Incus, Json, Params, path
from infra.provider.errors import Fault, InitFailedError, OperationTimeoutError, ProviderError
from infra.provider.values import Plain, is_unknown

OWNED = "computed_config"
"""The output that keeps what Incus made of the declared `config` by itself (see ownership)."""


class Kind(ABC):
    """A kind of resource.

    `scope` names the attributes that make up its id, in order. `collection` is its path in Incus, with
    attributes of the scope in braces. The verbs take and give plain dictionaries; `where` needs no more than
    the scope.
    """

    noun: ClassVar[str]
    attributes: ClassVar[tuple[Attribute, ...]]
    scope: ClassVar[tuple[str, ...]] = ("project", "name")
    collection: ClassVar[tuple[str, ...]]

    @abstractmethod
    async def create(self, incus: Incus, inputs: Plain, patience: float) -> Plain:
        """Make it and give its state. A failure leaves nothing behind, or says what it left."""

    @abstractmethod
    async def read(self, incus: Incus, state: Plain) -> Plain | None:
        """Its state as it is now, or None if it is gone. `state` is the one before, or just the scope."""

    @abstractmethod
    async def update(self, incus: Incus, state: Plain, inputs: Plain, patience: float) -> Plain:
        """Make `inputs` true and give the new state."""

    @abstractmethod
    async def delete(self, incus: Incus, state: Plain) -> None:
        """Take it away. That it is gone already is fine."""

    async def derive(self, inputs: Plain) -> Plain:
        """Inputs without faults, with those attributes filled in that follow from others."""
        return inputs

    def check(self, given: Mapping[str, Any], project: str) -> tuple[Plain, list[Fault]]:
        """The given inputs normalised, `project` standing in for one not given, and all faults."""
        inputs, faults = attributes.check(self.attributes, given)
        if "project" in self.names and "project" not in inputs:
            inputs["project"] = project
        return inputs, [*faults, *self.rules(inputs)]

    def rules(self, inputs: Plain) -> list[Fault]:
        """What is wrong with attributes taken together, or with files they name. `inputs` may have faults."""
        del inputs
        return []

    @property
    def names(self) -> frozenset[str]:
        return frozenset(attribute.name for attribute in self.attributes)

    def identity(self, inputs: Mapping[str, Any]) -> str:
        """The id, such as `konan/konan-ce1`; empty while a part of it is not known."""
        parts = [str(inputs.get(name, "")) for name in self.scope]
        return "" if any(is_unknown(part) or not part for part in parts) else "/".join(parts)

    def located(self, identity: str, project: str) -> Plain:
        """The scope that an id, perhaps without its project, stands for. Raises ProviderError if none."""
        parts = identity.split("/")
        if self.scope[0] == "project" and len(parts) == len(self.scope) - 1:
            parts = [project, *parts]
        if len(parts) != len(self.scope) or not all(parts):
            form = "/".join(f"<{name}>" for name in self.scope)
            raise ProviderError(f"`{identity}` is not the id of a {self.noun}; it would be {form}")
        return dict(zip(self.scope, parts, strict=True))

    def home(self, where: Mapping[str, Any]) -> str:
        """The path of the collection it is in."""
        return path(*(segment.format_map(where) for segment in self.collection))

    def item(self, where: Mapping[str, Any], *below: str) -> str:
        """Its own path, or one below it."""
        collection = (segment.format_map(where) for segment in self.collection)
        return path(*collection, str(where[self.scope[-1]]), *below)

    def params(self, where: Mapping[str, Any]) -> Params:
        """The query that says which Incus project is meant."""
        return {"project": where["project"]} if "project" in self.scope else {}

    def replaces(self, change: str) -> bool:
        """Whether a difference at this property path needs a new resource."""
        for attribute in self.attributes:
            if change == attribute.name or change.startswith((f"{attribute.name}.", f"{attribute.name}[")):
                keys = {f"{attribute.name}.{key}" for key in attribute.replacing_keys}
                return attribute.replaces or change in keys
        return False

    def comparable(self, values: Mapping[str, Any]) -> Plain:
        """The part of a state or of inputs in which a difference means something."""
        compared = {attribute.name for attribute in self.attributes if attribute.compared}
        return {key: value for key, value in values.items() if key in compared}

    def inputs_of(self, state: Mapping[str, Any]) -> Plain:
        """The inputs that a state amounts to."""
        return {key: value for key, value in state.items() if key in self.names}

    def observed(self, document: Json, before: Plain) -> Plain:
        """The state that a document shows, given the one before."""
        declared, owned = before.get("config", {}), before.get(OWNED, {})
        carried = {a.name for a in self.attributes if not a.document} | set(self.scope)
        state = {key: value for key, value in before.items() if key in carried}
        state |= attributes.decoded(self.attributes, document)
        if "config" in self.names:
            _put(state, "config", ownership.as_declared(document.get("config") or {}, declared, owned))
            _put(state, OWNED, dict(owned))
        for name in ("devices", "aliases"):
            if name in state:
                state[name] = in_order(state[name], before.get(name, []))
        return state

    def settled(self, document: Json, inputs: Plain) -> Plain:
        """The state right after `inputs` were applied: what Incus made of their config is its own doing."""
        owned = ownership.own(document.get("config") or {}, inputs.get("config", {}))
        return self.observed(document, {**inputs, OWNED: owned})

    async def withdrawn(self, incus: Incus, inputs: Plain, error: ProviderError) -> ProviderError:
        """Take away what a failed creation made, and give the error that tells how that went."""
        try:
            await self.delete(incus, inputs)
        except ProviderError as second:
            left = f"the {self.noun} is left in Incus, because deleting it failed as well: {second}"
            kept = "it is kept in the state, so that the next update or destroy deals with it"
            return InitFailedError(f"{error}; {left}; {kept}", self.identity(inputs), inputs)
        return ProviderError(f"{error}; the {self.noun} was deleted again")

    def merged(self, document: Json, state: Plain, inputs: Plain) -> Json:
        """The document that makes `inputs` true and leaves alone what is Incus' own."""
        body = {**document, **attributes.encoded(self.attributes, inputs)}
        if "config" in self.names:
            body["config"] = ownership.to_send(
                inputs.get("config", {}), document.get("config") or {}, state.get(OWNED, {})
            )
        return body


class Document(Kind):
    """A kind that is one document in Incus: POST to the collection makes it, PUT and DELETE as usual."""

    async def create(self, incus: Incus, inputs: Plain, patience: float) -> Plain:
        body = attributes.encoded(self.attributes, inputs)
        try:
            await incus.send("POST", self.home(inputs), self.params(inputs), body=body, patience=patience)
        except OperationTimeoutError as error:
            raise await self.withdrawn(incus, inputs, error) from error
        try:
            return self.settled(await incus.get(self.item(inputs), self.params(inputs)), inputs)
        except ProviderError as error:
            raise await self.withdrawn(incus, inputs, error) from error

    async def read(self, incus: Incus, state: Plain) -> Plain | None:
        document = await incus.find(self.item(state), self.params(state))
        return None if document is None else self.observed(document, state)

    async def update(self, incus: Incus, state: Plain, inputs: Plain, patience: float) -> Plain:
        where, params = self.item(inputs), self.params(inputs)
        await incus.change(where, params, lambda now: self.merged(now, state, inputs), patience)
        return self.settled(await incus.get(where, params), inputs)

    async def delete(self, incus: Incus, state: Plain) -> None:
        await incus.remove(self.item(state), self.params(state))


def in_order(found: Sequence[Any], declared: Sequence[Any]) -> list[Any]:
    """What was found, in the declared order; what is not declared comes last, by name.

    Incus keeps devices and aliases without an order, so a difference in it means nothing.
    """
    places = {_name(item): place for place, item in enumerate(declared)}
    return sorted(found, key=lambda item: (places.get(_name(item), len(places)), _name(item)))


def _name(item: Any) -> str:
    return str(item["name"]) if isinstance(item, Mapping) else str(item)


def _put(state: Plain, name: str, value: Mapping[str, Any]) -> None:
    state.pop(name, None)
    if value:
        state[name] = value
