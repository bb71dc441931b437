"""The Incus provider: what Pulumi asks of a kind of resource, answered with Incus' REST interface.

    server      speaks Pulumi's protocol and turns errors into its statuses
    provider    dispatches each request to the kind of resource it is about
    kinds/      one table per kind: attributes, address, and what is special about it
    attributes  shapes of attributes: check, normalise, to and from Incus' documents
    diff        what differs between a state and new inputs, and whether that means a replacement
    ownership   which keys of a `config` map are Incus' own doing
    values      Pulumi's values as plain Python and back, with their secrets
    endpoint    the provider's own configuration
    client      HTTP over a unix socket or TLS, operations, error texts

Decisions are pure functions of plain dictionaries; only `client`, `server` and the kinds' verbs touch the
world.
"""
