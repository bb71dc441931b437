"""Where this machine gets its Debian packages from: its own apt sources say; nothing here knows an address.

Both of apt's formats are read (sources.list(5)): one line per source, and deb822 stanzas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

APT = Path("/etc/apt")
OPTIONS = re.compile(r"^\[(?P<options>[^]]*)\]\s*")
# A key written into the stanza itself starts with the marker; a path or a fingerprint never does.
EMBEDDED_KEY = "-----BEGIN"


@dataclass(frozen=True)
class Source:
    """One archive, one suite of it. `signed_by` is the path of a keyring, or empty for apt's own trust."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""

    def line(self, suite: str | None = None) -> str:
        """The source in the one-line format, of another suite if one is given."""
        option = f"[signed-by={self.signed_by}] " if self.signed_by else ""
        return f"deb {option}{self.uri} {suite or self.suite} {' '.join(self.components)}"


@dataclass(frozen=True)
class DebianArchive:
    """The main archive of Debian as this machine knows it, and the one for security if it has one."""

    main: Source
    security: Source | None

    def lines(self, release: str) -> list[str]:
        """Sources in the one-line format for `release` (a code name) with its updates and security fixes."""
        wanted = [self.main.line(release), self.main.line(f"{release}-updates")]
        return wanted + ([self.security.line(f"{release}-security")] if self.security else [])


def read(apt: Path = APT) -> list[Source]:
    """Every source of binary packages that apt would read under `apt`, in apt's order."""
    parts = sorted((apt / "sources.list.d").glob("*"))
    sources: list[Source] = []
    for file in [apt / "sources.list", *parts]:
        if file.is_file() and file.suffix in {".list", ".sources"}:
            parse = parse_deb822 if file.suffix == ".sources" else parse_one_line
            sources.extend(parse(file.read_text(encoding="utf-8", errors="replace")))
    return sources


def parse_one_line(text: str) -> list[Source]:
    """`deb [options] uri suite component...` per line; comments and deb-src are left out."""
    sources = []
    for raw in text.splitlines():
        kind, _, rest = raw.split("#", 1)[0].strip().partition(" ")
        if kind != "deb":
            continue
        rest = rest.strip()
        options = OPTIONS.match(rest)
        words = OPTIONS.sub("", rest).split()
        if len(words) >= 2:
            signed_by = _option(options["options"] if options else "", "signed-by")
            sources.append(Source(words[0].rstrip("/"), words[1], tuple(words[2:]), signed_by))
    return sources


def parse_deb822(text: str) -> list[Source]:
    """Stanzas of `Field: value`; one Source per URI and suite. Stanzas that are not enabled are left out."""
    sources = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in {
            "no",
            "false",
        }:
            continue
        signed_by = fields.get("signed-by", "")
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                components = tuple(fields.get("components", "").split())
                keyring = "" if EMBEDDED_KEY in signed_by else signed_by
                sources.append(Source(uri.rstrip("/"), suite, components, keyring))
    return sources


def debian_archive(sources: Iterable[Source], release: str) -> DebianArchive | None:
    """The Debian archive among `sources` of a machine whose own release is `release`, or None.

    Others publish a suite of the same name with a component `main` too. Debian's own is told by its
    company: it alone also carries `<release>-updates`, and failing that, it is signed by Debian's keyring.
    """
    usable = [source for source in sources if "main" in source.components]
    homes = {source.uri for source in usable if source.suite == f"{release}-updates"}
    candidates = [source for source in usable if source.suite == release]
    candidates.sort(key=lambda source: (source.uri not in homes, "debian-archive" not in source.signed_by))
    if not candidates:
        return None
    main = candidates[0]
    trusted = main.uri in homes or "debian-archive" in main.signed_by
    if not trusted and len({source.uri for source in candidates}) > 1:
        return None
    security = next((source for source in usable if source.suite == f"{release}-security"), None)
    return DebianArchive(_only_main(main), _only_main(security) if security else None)


def deb822(source: Source, suite: str, why: str) -> str:
    """A stanza for `suite` of the same archive, with the comment `why` above it."""
    fields = {"Types": "deb", "URIs": source.uri, "Suites": suite, "Components": "main"}
    if source.signed_by:
        fields["Signed-By"] = source.signed_by
    return f"# {why}\n" + "".join(f"{name}: {value}\n" for name, value in fields.items())


def _only_main(source: Source) -> Source:
    return Source(source.uri, source.suite, ("main",), source.signed_by)


def _fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in {" ", "\t"} and name:
            fields[name] += "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _option(options: str, name: str) -> str:
    for option in options.split():
        key, _, value = option.partition("=")
        if key.lower() == name:
            return value
    return ""
