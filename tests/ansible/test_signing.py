"""What the authority signs, what it refuses, and when something must be signed anew."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ansible.pki import NOW, authority, certificates, issued, key, signing

Request = certificates.Request
AUTHORITY, OTHER = authority(), authority()
KEY = key()
CLOUD = {
    "dc-db1": signing.Neighbour("db", "dc", frozenset({"10.0.16.13"})),
    "dc-proxy1": signing.Neighbour("proxy", "dc", frozenset({"10.0.16.17"})),
    "konan-pc1": signing.Neighbour("pc", "konan", frozenset({"10.5.16.11"})),
    "kusatsu-pc1": signing.Neighbour("pc", "kusatsu", frozenset({"10.1.16.11"})),
}
STANDS_FOR = {"db": ["proxy"]}

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
requests = st.builds(
    Request,
    common_name=words,
    organization=st.none() | words,
    names=st.lists(labels, min_size=1, max_size=4, unique=True).map(tuple),
    addresses=st.lists(st.ip_addresses().map(str), max_size=3, unique=True).map(tuple),
    usage=st.sampled_from(["server", "client", "both"]),
    days=st.integers(1, 398),
)


@settings(max_examples=50, deadline=None)
@given(requests)
def test_a_certificate_leads_back_to_its_own_request(request_: Request) -> None:
    certificate = issued(AUTHORITY, request_, KEY)
    again = certificates.request_of(certificate)
    assert (set(again.names), set(map(str, certificates.normal(again.addresses)))) == (
        set(request_.names),
        set(map(str, certificates.normal(request_.addresses))),
    )
    rest = {"names": (), "addresses": ()}
    assert again._replace(**rest) == request_._replace(**rest)
    assert certificates.reason_to_sign(certificate, KEY, request_, AUTHORITY.certificate, NOW) == ""


@settings(max_examples=50, deadline=None)
@given(requests, requests)
def test_a_csr_is_signed_for_its_own_request_and_for_no_other(asked: Request, allowed: Request) -> None:
    csr = certificates.signing_request(KEY, asked)
    same = (asked.common_name, asked.organization) == (allowed.common_name, allowed.organization)
    same = same and set(asked.names) == set(allowed.names)
    same = same and certificates.normal(asked.addresses) == certificates.normal(allowed.addresses)
    assert (signing.objections(csr, allowed) == []) == same


def test_a_csr_cannot_smuggle_in_the_right_to_sign() -> None:
    request = Request("dc-db1", names=("dc-db1",))
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(certificates.subject(request))
        .add_extension(certificates.alternative_names(request), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(KEY, hashes.SHA256())
    )
    certificate = signing.issue(csr, request, AUTHORITY, NOW)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert certificates.usage_of(certificate) == "server"


@pytest.mark.parametrize(
    "private", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())]
)
def test_a_key_of_another_kind_is_refused(private) -> None:
    request = Request("dc-db1", names=("dc-db1",))
    with pytest.raises(ValueError, match="not on the curve P-256"):
        issued(AUTHORITY, request, private)


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (Request("a", names=("*.omi",)), "no host name"),
        (Request("a", names=("UPPER",)), "no host name"),
        (Request("a", names=("a..b",)), "no host name"),
        (Request("a", names=("",)), "no host name"),
        (Request("a", addresses=("10.0.16.0/20",)), "no address"),
        (Request("a" * 65, names=("a",)), "65 characters"),
        (Request("", names=("a",)), "0 characters"),
        (Request("a"), "needs a name"),
        (Request("a", names=("a",), usage="signing"), "usage 'signing'"),
        (Request("a", names=("a",), days=399), "399 days"),
        (Request("a", names=("a",), days=0), "0 days"),
    ],
)
def test_what_nobody_may_have(request_: Request, fault: str) -> None:
    (found,) = signing.faults(request_)
    assert fault in found


def test_all_faults_are_told_at_once() -> None:
    assert len(signing.faults(Request("", names=("*",), addresses=("x",), usage="none", days=0))) == 5


@pytest.mark.parametrize(
    ("host", "request_", "belongs"),
    [
        ("dc-db1", Request("dc-db1", names=("dc-db1", "dc-proxy1", "standard")), []),
        ("dc-db1", Request("dc-db1", names=("dc-db1",), addresses=("10.0.16.13", "10.0.16.17")), []),
        ("dc-proxy1", Request("dc-proxy1", names=("dc-db1",)), ["name 'dc-db1' is another host's"]),
        ("dc-proxy1", Request("dc-db1"), ["name 'dc-db1' is another host's"]),
        ("dc-proxy1", Request("p", addresses=("10.0.16.13",)), ["address '10.0.16.13' is that of dc-db1"]),
        ("konan-pc1", Request("konan", "konan", usage="client"), []),
        (
            "konan-pc1",
            Request("kusatsu", "kusatsu", usage="client"),
            ["name 'kusatsu' is another site's"] * 2,
        ),
        ("dc-proxy1", Request("p", "konan"), ["name 'konan' is another site's"]),
    ],
)
def test_a_host_gets_its_own_names_and_those_it_stands_for(host, request_, belongs) -> None:
    assert signing.trespasses(host, request_, CLOUD, STANDS_FOR) == belongs


def test_no_certificate_outlives_the_authority() -> None:
    end = certificates.validity(AUTHORITY.certificate)[1]
    certificate = issued(AUTHORITY, Request("a", names=("a",)), at=end - datetime.timedelta(days=1))
    assert certificates.validity(certificate)[1] == end


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"key": None}, "there is no key"),
        ({"certificate": None}, "there is no certificate"),
        ({"key": key()}, "the key is new"),
        ({"authority": OTHER.certificate}, "the authority has changed"),
        ({"request": Request("a", names=("a", "b"))}, "what it is for has changed"),
        ({"request": Request("a", names=("a",), usage="both")}, "what it is for has changed"),
        ({"request": Request("a", names=("a",), days=30)}, ""),
        ({"now": NOW + datetime.timedelta(days=59)}, ""),
        ({"now": NOW + datetime.timedelta(days=60)}, "a third of its life is left"),
        ({"now": NOW + datetime.timedelta(days=400)}, "a third of its life is left"),
    ],
)
def test_it_is_signed_anew_only_for_a_reason(change, reason) -> None:
    request = Request("a", names=("a",))
    usual = {
        "certificate": issued(AUTHORITY, request, KEY),
        "key": KEY,
        "request": request,
        "authority": AUTHORITY.certificate,
        "now": NOW,
    }
    assert certificates.reason_to_sign(**{**usual, **change}) == reason


def test_a_false_authority_of_the_same_name_is_seen() -> None:
    certificate = issued(OTHER, Request("a", names=("a",)))
    assert certificate.issuer == AUTHORITY.certificate.subject
    assert certificates.issued_by(certificate, OTHER.certificate)
    assert not certificates.issued_by(certificate, AUTHORITY.certificate)


LATER = NOW + datetime.timedelta(days=61)
SERVER = Request("dc-db1", names=("dc-db1", "dc-proxy1"), addresses=("10.0.16.13",), usage="both")


def refusal(peer, now=LATER, denied=frozenset(), csr_for=SERVER):
    """Status and reason of what the service answers."""
    try:
        admitted = signing.admit(peer, [AUTHORITY.certificate], denied, now)
        signing.renew(admitted, certificates.signing_request(KEY, csr_for), AUTHORITY, now)
    except signing.Refused as refused:
        return refused.status, str(refused)
    return None


def test_a_renewal_keeps_all_but_the_dates() -> None:
    old = issued(AUTHORITY, SERVER, KEY)
    new = signing.renew(old, certificates.signing_request(KEY, SERVER), AUTHORITY, LATER)
    assert certificates.request_of(new) == certificates.request_of(old)
    assert certificates.validity(new)[1] - certificates.validity(old)[1] == datetime.timedelta(days=61)
    assert new.serial_number != old.serial_number


def test_a_certificate_of_a_former_authority_gets_one_of_the_new() -> None:
    old = issued(OTHER, SERVER, KEY)
    admitted = signing.admit(old, [AUTHORITY.certificate, OTHER.certificate], set(), LATER)
    new = signing.renew(admitted, certificates.signing_request(KEY, SERVER), AUTHORITY, LATER)
    assert certificates.issued_by(new, AUTHORITY.certificate)


def test_who_asks_is_refused_before_what_is_asked() -> None:
    own = issued(AUTHORITY, SERVER, KEY)
    assert refusal(own) is None
    assert refusal(None) == (403, "no certificate was shown")
    assert refusal(issued(OTHER, SERVER, KEY)) == (403, "the certificate is not of this authority")
    status, reason = refusal(own, now=NOW + datetime.timedelta(days=91))
    assert (status, reason.split(" from")[0]) == (403, "the certificate holds")
    assert refusal(own, now=NOW - datetime.timedelta(hours=2))[0] == 403
    for listed in ("dc-db1", f"{own.serial_number:x}"):
        assert refusal(own, denied={listed}) == (403, "the certificate is on the list of those denied")
    assert refusal(own, denied={"dc-db2"}) is None


@settings(max_examples=50, deadline=None)
@given(requests)
def test_a_renewal_gives_nobody_another_name(other: Request) -> None:
    status, _ = refusal(issued(AUTHORITY, SERVER, KEY), csr_for=other)
    assert status == 400
