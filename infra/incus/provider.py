"""The provider itself as a resource: which Incus a group of resources lives in."""

from __future__ import annotations

import pulumi


class Provider(pulumi.ProviderResource):
    """One Incus server or cluster.

    `endpoint` is the path of a unix socket or an https:// URL. `client_certificate`, `client_key` and
    `server_certificate` are PEM text or the path of a PEM file, and go with https only. With a
    `server_certificate` the server must present exactly that one; without, one that the authorities known to
    this machine vouch for. `project` is the Incus project of resources that name none (default: "default").
    The key is kept as a secret. Every provider is one process of its own.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: pulumi.Input[str],
        client_certificate: pulumi.Input[str] | None = None,
        client_key: pulumi.Input[str] | None = None,
        server_certificate: pulumi.Input[str] | None = None,
        project: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "incus",
            resource_name,
            {
                "endpoint": endpoint,
                "client_certificate": client_certificate,
                "client_key": None if client_key is None else pulumi.Output.secret(client_key),
                "server_certificate": server_certificate,
                "project": project,
            },
            opts,
        )
