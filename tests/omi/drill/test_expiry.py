"""A certificate with other dates is otherwise the same, and still the authority's."""

from __future__ import annotations

import datetime

from cryptography import x509

from lab.vault import new_authority
from omi.drill.expiry import LIFE, with_end

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
