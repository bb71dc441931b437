"""A certificate with other dates is otherwise the same, and still the authority's."""

from __future__ import annotations

import datetime

from cryptography import x509

from lab.vault import new_authority
from omi.drill.drills import cert_expiry
from omi.drill.expiry import LIFE, with_end
from tests.ansible import pki

END = datetime.datetime(2027, 4, 1, 8, 30, tzinfo=datetime.UTC)


def test_only_dates_and_serial_number_differ():
    authority, key = new_authority()
    own = x509.load_pem_x509_certificate(authority.encode())
    new = x509.load_pem_x509_certificate(with_end(authority, key, END).encode())
    assert (new.not_valid_before_utc, new.not_valid_after_utc) == (END - LIFE, END)
    assert (new.subject, new.issuer, new.public_key()) == (own.subject, own.subject, own.public_key())
    assert [e.value for e in new.extensions] == [e.value for e in own.extensions]
    assert new.serial_number != own.serial_number
    new.verify_directly_issued_by(own)


def city_certificate(end):
    """A city's certificate that ends at ``end``, and the authority that signed it."""
    authority, key = new_authority()
    wanted = pki.certificates.Request("konan", "konan", usage="client")
    own = pki.issued(pki.signing.Authority(*reversed(pki.certificates.load(key, authority))), wanted)
    return x509.load_pem_x509_certificate(with_end(pki.certificates.pem(own), key, end).encode())


def test_the_renewal_finds_the_certificate_of_the_drill_due_and_asks_for_90_days_again():
    due = city_certificate(END + cert_expiry.DUE)
    assert pki.certificates.is_due(due, END)
    assert pki.certificates.request_of(due).days == 90


def test_a_renewed_certificate_counts_as_one_that_needs_no_repair_and_one_that_is_due_does_not():
    fresh = datetime.timedelta(seconds=cert_expiry.FRESH_S)
    assert cert_expiry.DUE < fresh < datetime.timedelta(days=90)
