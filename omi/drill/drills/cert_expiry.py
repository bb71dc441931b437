"""A city's certificate expires: it gets nothing, and that is seen. Then one that is due is renewed ahead."""

from __future__ import annotations

import datetime
import time

from inventory.cs_plan import TAG
from lab.errors import LabError
from omi.drill import cs, secrets, terminals
from omi.drill.expiry import with_end
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

LONGEST = 120.0
"""Seconds to wait for a refusal, and for the city to be served again."""
PLACE = f"{cs.CERTIFICATE}/certificate.pem"
COMPLAINT = f"too soon: {cs.CERTIFICATE.rpartition('/')[2]}: "
"""What the host says of this certificate (certificate-check); of others it may say the same."""
RENEWAL = "systemctl start certificate-renew.service || true"
"""It also ends with 1 where another certificate is near its end; what counts is whether ours is a new one."""
KEPT = f"{terminals.PLACE}/certificate.kept"
DUE = datetime.timedelta(days=20)
"""Left of 90 days: the timer renews below a third."""
FRESH_S = 60 * 86400
"""Seconds that a certificate still holds which needs no repair."""


def choose(lab: Lab, repetition: int) -> Facts:
    """One city after the other."""
    writers = cs.writers(lab.topology)
    writer = writers[repetition % len(writers)]
    return {"city": writer.city, "host": writer.host}


def put(lab: Lab, host: str, end: datetime.datetime) -> None:
    """Give the host a certificate for its own key that ends at ``end``."""
    there = lab.on(host, f"cat {PLACE}")
    lab.on(host, f"cat > {PLACE}", with_end(there, secrets.vault(lab.paths)["authority_key"], end))


def fault(lab: Lab, facts: Facts) -> None:
    """Put the good one aside, and in its place one that ended an hour ago."""
    host = str(facts["host"])
    lab.on(host, f"mkdir -p {terminals.PLACE} && test -e {KEPT} || cp -p {PLACE} {KEPT}")
    put(lab, host, now() - datetime.timedelta(hours=1))


def repair(lab: Lab, facts: Facts) -> None:
    """The good one again, unless the renewal has given it a new one."""
    good = f"openssl x509 -noout -checkend {FRESH_S} -in {PLACE} >/dev/null"
    lab.on(str(facts["host"]), f"{good} || ! test -e {KEPT} || cp -p {KEPT} {PLACE}; rm -f {KEPT}")


def observe(scene: Scene) -> Figures:
    """Until journal, host and monitor have said it; then the renewal of one that is due."""
    lab, city, host = scene.lab, str(scene.facts["city"]), str(scene.facts["host"])
    scene.concerned = (city,)
    noticed: float | None = None
    while noticed is None and scene.since_fault() < LONGEST:
        if refused(lab, city, scene.since_fault()) and COMPLAINT in lab.on(
            host, "certificate-check 2>&1 || true"
        ):
            noticed = scene.since_fault()
        time.sleep(1)
    if scene.ear.moment is None:  # people renew once they are told
        lab.say("nobody was told")
    put(lab, host, now() + DUE)
    scene.decided_at = time.monotonic()
    lab.on(host, RENEWAL, seconds=LONGEST)
    if not holds(lab, host):
        raise LabError(f"{host} did not renew a certificate that is due", "journalctl -u certificate-renew")
    scene.await_writing(LONGEST)
    return {"noticed": noticed}


def refused(lab: Lab, city: str, seconds: float) -> bool:
    """Whether one of the pair has refused the city for an expired certificate in the last ``seconds``."""
    words = f"journalctl -t {TAG} --since -{int(seconds) + 1}s -o cat | grep -F 'an expired certificate'"
    answers = lab.everywhere(lab.topology.cs.hosts, f"{words} | grep -cF 'CN={city}' || true")
    return any(not isinstance(answer, Exception) and int(answer) for answer in answers.values())


def holds(lab: Lab, host: str) -> bool:
    """Whether the host's certificate is a new one."""
    words = f"openssl x509 -noout -checkend {FRESH_S} -in {PLACE} >/dev/null && echo yes || echo no"
    return lab.on(host, words).strip() == "yes"


def now() -> datetime.datetime:
    """The time, which all hosts of the lab share."""
    return datetime.datetime.now(datetime.UTC)


DRILL = Drill("cert-expiry", choose, fault, repair, observe, writers=lambda lab: cs.writers(lab.topology))
