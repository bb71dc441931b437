"""The provider: each of Pulumi's requests, answered by the kind of resource that it is about."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue

from infra.provider import diff, endpoint
from infra.provider.client import DEFAULT_PATIENCE, Incus
from infra.provider.errors import Fault, InitFailedError, ProviderError
from infra.provider.kinds import KINDS, Kind
from infra.provider.kinds.base import OWNED
from infra.provider.values import Path, is_unknown, plain, secret_paths, wrapped

_DIFF_KINDS = {
    (diff.What.ADD, False): protocol.PropertyDiffKind.ADD,
    (diff.What.ADD, True): protocol.PropertyDiffKind.ADD_REPLACE,
    (diff.What.DELETE, False): protocol.PropertyDiffKind.DELETE,
    (diff.What.DELETE, True): protocol.PropertyDiffKind.DELETE_REPLACE,
    (diff.What.UPDATE, False): protocol.PropertyDiffKind.UPDATE,
    (diff.What.UPDATE, True): protocol.PropertyDiffKind.UPDATE_REPLACE,
}


class IncusProvider(protocol.Provider):
    """One provider talks to one Incus, the one it was configured for."""

    def __init__(self) -> None:
        self._incus: Incus | None = None
        self._project = "default"

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        inputs = dict(request.new_inputs)
        if "client_key" in inputs:
            inputs["client_key"] = inputs["client_key"].with_secret(True)
        return protocol.CheckResponse(inputs, _failures(endpoint.check(plain(inputs))))

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        config = plain(request.args)
        if not any(is_unknown(value) for value in config.values()):
            where = endpoint.parse(config)
            self._incus, self._project = Incus(where), where.project
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        kind = _kind(request.type)
        inputs, faults = kind.check(plain(request.new_inputs), self._project)
        if not faults:
            inputs = await kind.derive(inputs)
        return protocol.CheckResponse(wrapped(inputs, _secrets(request.new_inputs)), _failures(faults))

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        kind = _kind(request.type)
        old, new = plain(request.old_state), plain(request.new_inputs)
        found = diff.changes(kind.comparable(old), kind.comparable(new), kind.replaces)
        return protocol.DiffResponse(
            changes=bool(found),
            diffs=sorted({_top(change.path) for change in found}),
            replaces=sorted({_top(change.path) for change in found if change.replaces}),
            # Two of one name cannot stand side by side, so the old one goes first.
            delete_before_replace=kind.identity(new) in ("", kind.identity(old)),
            detailed_diff={
                change.path: protocol.PropertyDiff(_DIFF_KINDS[change.what, change.replaces], False)
                for change in found
            },
        )

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        kind, inputs = _kind(request.type), plain(request.properties)
        if request.preview:
            return protocol.CreateResponse("", dict(request.properties))
        identity, secrets = kind.identity(inputs), _secrets(request.properties)
        try:
            state = await kind.create(self._server(), inputs, request.timeout or DEFAULT_PATIENCE)
        except ProviderError as error:
            raise _told("create", kind, identity, error, secrets) from error
        return protocol.CreateResponse(identity, wrapped(state, secrets))

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        kind = _kind(request.type)
        before = {**kind.located(request.resource_id, self._project), **plain(request.properties)}
        try:
            state = await kind.read(self._server(), before)
        except ProviderError as error:
            raise _told("read", kind, request.resource_id, error) from error
        if state is None:
            return protocol.ReadResponse("")
        secrets = _secrets(request.properties) | _secrets(request.inputs)
        inputs = kind.inputs_of(state)
        return protocol.ReadResponse(kind.identity(state), wrapped(state, secrets), wrapped(inputs, secrets))

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        kind, inputs = _kind(request.type), plain(request.news)
        if request.preview:
            return protocol.UpdateResponse({**request.olds, **request.news})
        patience = request.timeout or DEFAULT_PATIENCE
        try:
            state = await kind.update(self._server(), plain(request.olds), inputs, patience)
        except ProviderError as error:
            raise _told("update", kind, request.resource_id, error) from error
        return protocol.UpdateResponse(wrapped(state, _secrets(request.news)))

    async def delete(self, request: protocol.DeleteRequest) -> None:
        kind = _kind(request.type)
        try:
            await kind.delete(self._server(), plain(request.properties))
        except ProviderError as error:
            raise _told("delete", kind, request.resource_id, error) from error

    def _server(self) -> Incus:
        if self._incus is None:
            raise ProviderError("the provider's configuration is not known yet: no Incus to ask")
        return self._incus


def _kind(qualified: str) -> Kind:
    # A resource inside a component has its parents' types first: `omi:infra:Site$incus:index:Network`.
    token = qualified.rpartition("$")[2]
    if token not in KINDS:
        raise ProviderError(f"`{token}` is not a type of this provider; there are: {', '.join(KINDS)}")
    return KINDS[token]


def _secrets(properties: Mapping[str, PropertyValue]) -> frozenset[Path]:
    """Where the secrets are; what Incus made of a secret config is no less secret."""
    paths = secret_paths(properties)
    return paths | {(OWNED,)} if any(path[0] == "config" for path in paths) else paths


def _failures(faults: list[Fault]) -> list[protocol.CheckFailure]:
    """The property stays empty: Pulumi would print its value, and the reason names the place anyway."""
    return [protocol.CheckFailure("", str(fault)) for fault in faults]


def _told(
    verb: str, kind: Kind, identity: str, error: ProviderError, secrets: frozenset[Path] = frozenset()
) -> ProviderError:
    """The error as the user should read it: what was tried, Incus' words, and the way out if known."""
    message = f"cannot {verb} the {kind.noun} `{identity}`: {error}"
    if isinstance(error, InitFailedError):
        return InitFailedError(message, identity, wrapped(error.state, secrets))
    if verb == "create" and "already exists" in str(error):
        message += f"; to take it over, import it with the id `{identity}`"
    return ProviderError(message)


def _top(path: str) -> str:
    return path.replace("[", ".").split(".")[0]
