"""The vendor's application in the reference service's place: behind the same gate."""

from __future__ import annotations

from .conftest import PYTHONPATH, business_host, loopback

VENDOR = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"vendor for {environ['omi.city']}".encode()]
"""


def test_a_vendors_application_is_told_the_city_by_the_gate(settings, certificates, tmp_path):
    (tmp_path / "vendor.py").write_text(VENDOR)
    host = business_host("dc-app2", certificates, settings, tmp_path / "log")
    host.environment |= {
        "OMI_BUSINESS_APPLICATION": "vendor:application",
        "PYTHONPATH": f"{tmp_path}:{PYTHONPATH}",
    }
    host.place(tmp_path)
    try:
        host.start()
        proxy = loopback.Client(host.port, certificates.file, certificates.folder / "dc-proxy1")
        assert proxy.ask("GET", "/", headers={"X-Omi-City": "konan"}).body == b"vendor for konan"
        assert proxy.ask("GET", "/", headers={"X-Omi-City": "nowhere"}).status == 403
        city = loopback.Client(host.port, certificates.file, certificates.folder / "konan")
        assert city.ask("GET", "/", headers={"X-Omi-City": "konan"}).status == 403
    finally:
        host.stop()
        host.leave()
