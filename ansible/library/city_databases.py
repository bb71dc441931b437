#!/usr/bin/python3
"""Ansible module: one database and one owner per city and system group, on the node that is the primary."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any, NamedTuple

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: city_databases
short_description: Make databases and their owners, all in one connection
description:
  - Does nothing on a node that is not the primary.
  - The owner of a database is called as it is, may connect to no other one, and belongs to C(city_owners).
  - The server never sees a password in clear, only what PostgreSQL keeps of it; one that is right stays untouched.
  - A database that is not declared is reported and never dropped.
options:
  databases:
    description: Names of the databases.
    type: list
    elements: str
    required: true
  passwords:
    description: The owners' passwords, in the same order.
    type: list
    elements: str
    required: true
  users:
    description: Roles that own nothing, each with the one database that it may connect to.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: The role., type: str, required: true}
      database: {description: The database., type: str, required: true}
  user_passwords:
    description: Their passwords, in the same order.
    type: list
    elements: str
    default: []
  connections:
    description: The most sessions that an owner may have.
    type: int
    default: 20
attributes:
  check_mode: {support: full, description: Says what would change.}
"""
RETURN = r"""
primary: {description: Whether this node is the primary., type: bool, returned: success}
done: {description: "What was made or changed, in words.", type: list, elements: str, returned: success}
undeclared: {description: Databases that nobody declares any more., type: list, elements: str, returned: success}
"""

ITERATIONS = 4096
"""PostgreSQL's own number."""
OWNERS = "city_owners"
SYSTEM = {"postgres", "template0", "template1"}


class Role(NamedTuple):
    """A role as it is: what is kept of its password, its limit of sessions, whether it is a city's owner."""

    verifier: str | None
    limit: int
    member: bool


def keys(password: str, salt: bytes, iterations: int) -> tuple[bytes, bytes]:
    """StoredKey and ServerKey of SCRAM-SHA-256 (RFC 5803)."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")


def verifier(password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """What PostgreSQL keeps of ``password`` (ASCII): SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey."""
    salt64, stored, server = (
        base64.b64encode(part).decode() for part in (salt, *keys(password, salt, iterations))
    )
    return f"SCRAM-SHA-256${iterations}:{salt64}${stored}:{server}"


def is_of(kept: str | None, password: str) -> bool:
    """Whether ``kept`` is of ``password``."""
    try:
        scheme, parameters, _ = (kept or "").split("$")
        iterations, salt = parameters.split(":")
    except ValueError:
        return False
    return scheme == "SCRAM-SHA-256" and kept == verifier(password, base64.b64decode(salt), int(iterations))


class Primary:
    """The connection to this node's PostgreSQL, as its superuser over the socket."""

    def __init__(self, module: AnsibleModule) -> None:
        import psycopg2

        self.connection = psycopg2.connect(dbname="postgres", user="postgres", host="/run/postgresql")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.module = module
        self.done: list[str] = []

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of ``query``."""
        self.cursor.execute(query)
        rows: list[tuple[Any, ...]] = self.cursor.fetchall()
        return rows

    def do(self, what: str, statement: str, *names: str, values: tuple[Any, ...] = ()) -> None:
        """Run ``statement`` with its ``{}`` replaced by quoted names; in check mode only note ``what``."""
        from psycopg2 import sql

        self.done.append(what)
        if not self.module.check_mode:
            self.cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), values)


def ensure_group(primary: Primary) -> None:
    """The group of all owners, and nobody but superusers in the databases that belong to no city."""
    if not primary.ask(f"SELECT 1 FROM pg_roles WHERE rolname = '{OWNERS}'"):  # noqa: S608 - a constant
        primary.do(f"role {OWNERS}", "CREATE ROLE {} NOLOGIN", OWNERS)
    query = "SELECT datname FROM pg_database WHERE datname IN ('postgres', 'template1')"
    open_to_all = query + " AND has_database_privilege('public', oid, 'CONNECT')"
    for (name,) in primary.ask(open_to_all):
        primary.do(f"nobody into {name}", "REVOKE CONNECT ON DATABASE {} FROM PUBLIC", name)
        primary.do(f"rewinder into {name}", "GRANT CONNECT ON DATABASE {} TO {}", name, "rewinder")


def ensure_owners(primary: Primary, passwords: dict[str, str], limit: int) -> None:
    """Each owner with its own password, in the group, with a limit of sessions."""
    query = (
        "SELECT rolname, rolpassword, rolconnlimit, EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles g"  # noqa: S608
        f" ON g.oid = m.roleid WHERE m.member = a.oid AND g.rolname = '{OWNERS}') FROM pg_authid a"
    )
    roles = {name: Role(*rest) for name, *rest in primary.ask(query)}
    for name, password in passwords.items():
        role = roles.get(name)
        ensure_login(primary, name, role, password, limit)
        if role is None or not role.member:
            primary.do(f"{name} among {OWNERS}", "GRANT {} TO {}", OWNERS, name)


def ensure_login(primary: Primary, name: str, role: Role | None, password: str, limit: int) -> None:
    """The role called ``name``, which is ``role`` now, with its password and a limit of sessions."""
    if role is None:
        primary.do(f"role {name}", "CREATE ROLE {} LOGIN", name)
    if role is None or not is_of(role.verifier, password):
        kept = (verifier(password, os.urandom(16)),)
        primary.do(f"password of {name}", "ALTER ROLE {} PASSWORD %s", name, values=kept)
    if role is None or role.limit != limit:
        primary.do(f"sessions of {name}", "ALTER ROLE {} CONNECTION LIMIT %s", name, values=(limit,))


def ensure_users(primary: Primary, users: list[dict[str, str]], passwords: list[str], limit: int) -> None:
    """Each role that owns nothing, let into its database. What it may do there is its owner's to say."""
    query = "SELECT rolname, rolpassword, rolconnlimit, false FROM pg_authid"
    roles = {name: Role(*rest) for name, *rest in primary.ask(query)}
    allowed = primary.ask(
        "SELECT r.rolname, d.datname FROM pg_roles r, pg_database d"
        " WHERE has_database_privilege(r.oid, d.oid, 'CONNECT')"
    )
    for user, password in zip(users, passwords, strict=True):
        name, database = user["name"], user["database"]
        ensure_login(primary, name, roles.get(name), password, limit)
        if (name, database) not in allowed:
            primary.do(f"{name} into {database}", "GRANT CONNECT ON DATABASE {} TO {}", database, name)


def ensure_databases(primary: Primary, names: list[str]) -> list[str]:
    """Each database with its owner, closed to everybody else. Returns those that nobody declares."""
    query = (
        "SELECT datname, pg_get_userbyid(datdba), has_database_privilege('public', oid, 'CONNECT')"
        " FROM pg_database"
    )
    there = {name: (owner, is_open) for name, owner, is_open in primary.ask(query)}
    for name in names:
        owner, is_open = there.get(name, (None, True))
        if owner is None:
            primary.do(f"database {name}", "CREATE DATABASE {} OWNER {}", name, name)
        elif owner != name:
            primary.do(f"owner of {name}", "ALTER DATABASE {} OWNER TO {}", name, name)
        if is_open:
            primary.do(f"nobody else into {name}", "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
    return sorted(set(there) - SYSTEM - set(names))


def main() -> None:
    """Make what is missing, report what is too much."""
    module = AnsibleModule(
        argument_spec={
            "databases": {"type": "list", "elements": "str", "required": True},
            "passwords": {"type": "list", "elements": "str", "required": True, "no_log": True},
            "users": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "database": {"type": "str", "required": True},
                },
            },
            "user_passwords": {"type": "list", "elements": "str", "default": [], "no_log": True},
            "connections": {"type": "int", "default": 20},
        },
        supports_check_mode=True,
    )
    names, passwords = module.params["databases"], module.params["passwords"]
    if len(names) != len(passwords) or len(module.params["users"]) != len(module.params["user_passwords"]):
        module.fail_json(msg="each owner and each user needs a password")
    primary = Primary(module)
    if primary.ask("SELECT pg_is_in_recovery()") == [(True,)]:
        module.exit_json(changed=False, primary=False, done=[], undeclared=[])
    ensure_group(primary)
    ensure_owners(primary, dict(zip(names, passwords, strict=True)), module.params["connections"])
    undeclared = ensure_databases(primary, names)
    users, user_passwords = module.params["users"], module.params["user_passwords"]
    ensure_users(primary, users, user_passwords, module.params["connections"])
    for name in undeclared:
        module.warn(f"database {name} is declared by nobody; it is kept until a person drops it")
    module.exit_json(changed=bool(primary.done), primary=True, done=primary.done, undeclared=undeclared)


if __name__ == "__main__":
    main()
