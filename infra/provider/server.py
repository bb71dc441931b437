"""The provider as the process that Pulumi starts: gRPC on a loopback port, printed on standard output."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import grpc  # type: ignore[import-untyped]
import grpc.aio  # type: ignore[import-untyped]
from google.protobuf import any_pb2  # type: ignore[import-untyped]
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from infra.provider.errors import InitFailedError, ProviderError
from infra.provider.provider import IncusProvider

VERSION = "0.1.0"

_LOOK_AFTER_PARENT, _FINISH_WORK = 2.0, 60.0
"""Seconds between two looks whether Pulumi is still there, and for what was begun when it is gone."""

Method = Callable[[Any, Any], Awaitable[Any]]


class ErrorsAsStatuses(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Gives the user the text of an error where gRPC would give a traceback."""

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            _telling(handler.unary_unary),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


def _telling(method: Method) -> Method:
    async def told(request: Any, context: Any) -> Any:
        try:
            return await method(request, context)
        except InitFailedError as error:
            context.set_trailing_metadata((("grpc-status-details-bin", _details(error)),))
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except (NotImplementedError, grpc.aio.AbortError):
            raise
        except Exception as error:
            logging.getLogger(__name__).debug("unexpected", exc_info=True)
            await context.abort(grpc.StatusCode.INTERNAL, f"a fault of the Incus provider: {error!r}")

    return told


def _details(error: InitFailedError) -> bytes:
    """What makes Pulumi keep the resource in its state, along with the reason why it is not well."""
    failed = provider_pb2.ErrorResourceInitFailed(
        id=error.identity, properties=PropertyValue.marshal_map(error.state), reasons=[str(error)]
    )
    packed = any_pb2.Any()
    packed.Pack(failed)
    code = grpc.StatusCode.UNKNOWN.value[0]
    return bytes(status_pb2.Status(code=code, message=str(error), details=[packed]).SerializeToString())


async def serve(engine: str, parent: int) -> None:
    """Answer Pulumi, whose engine listens at `engine`, until it ends this process.

    `parent` is the engine's process id: one that was killed cannot end its providers, so they look themselves.
    """
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS, interceptors=[ErrorsAsStatuses()])
    servicer = ProviderServicer([], VERSION, IncusProvider(), engine_address=engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while os.getppid() == parent:
        await server.wait_for_termination(_LOOK_AFTER_PARENT)
    await server.stop(_FINISH_WORK)


def main(parent: int) -> None:
    """Serve the engine whose address is the first argument that is no option, while `parent` lives."""
    engines = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if not engines:
        sys.exit("pulumi-resource-incus is started by Pulumi, with its engine's address as argument")
    try:
        asyncio.run(serve(engines[0], parent))
    except KeyboardInterrupt:
        sys.exit(130)
