"""The provider as a process: how Pulumi starts it, what it answers, and that it ends with Pulumi."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

EXECUTABLE = Path(__file__).resolve().parents[3] / "infra" / "provider" / "pulumi-resource-incus"
ENV = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
URN = "urn:pulumi:s::p::omi:infra:Site$incus:index:{}::n"


@pytest.fixture(scope="module")
def provider():
    """The provider's own process, spoken to over gRPC."""
    process = subprocess.Popen([EXECUTABLE, "127.0.0.1:1"], env=ENV, stdout=subprocess.PIPE, text=True)
    port = process.stdout.readline().strip()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    process.terminate()
    process.wait(10)
    process.stdout.close()


def check(provider, token, inputs):
    news = PropertyValue.marshal_map({key: PropertyValue(value) for key, value in inputs.items()})
    return provider.Check(provider_pb2.CheckRequest(urn=URN.format(token), news=news))


def test_a_resource_inside_a_component_is_known_by_its_own_type(provider):
    answer = check(provider, "Network", {"name": "c6-kikan"})
    assert not answer.failures
    assert answer.inputs["project"] == "default"


def test_failures_name_no_property_because_pulumi_would_print_its_value(provider):
    (failure,) = check(provider, "Network", {"name": "a name"}).failures
    assert failure.property == ""
    assert failure.reason.startswith("name: must be")


def test_an_error_is_its_message_and_no_traceback(provider):
    with pytest.raises(grpc.RpcError) as raised:
        check(provider, "Netwrok", {})
    assert raised.value.details().startswith(
        "`incus:index:Netwrok` is not a type of this provider; there are:"
    )
    with pytest.raises(grpc.RpcError) as raised:
        provider.Read(provider_pb2.ReadRequest(urn=URN.format("Network"), id="p/n"))
    assert raised.value.details() == (
        "cannot read the network `p/n`: the provider's configuration is not known yet: no Incus to ask"
    )


def test_a_secret_stays_one_through_a_check(provider):
    config = PropertyValue({"user.password": PropertyValue("x", is_secret=True)})
    news = PropertyValue.marshal_map({"name": PropertyValue("p"), "config": config})
    answer = provider.Check(provider_pb2.CheckRequest(urn=URN.format("Project"), news=news))
    checked = PropertyValue.unmarshal_map(answer.inputs)["config"].value["user.password"]
    assert checked == PropertyValue("x", is_secret=True)


def test_a_replacement_deletes_first_unless_the_two_can_stand_side_by_side(provider):
    def diff(token, old, new):
        request = provider_pb2.DiffRequest(
            urn=URN.format(token),
            id="x",
            olds=PropertyValue.marshal_map({k: PropertyValue(v) for k, v in old.items()}),
            news=PropertyValue.marshal_map({k: PropertyValue(v) for k, v in new.items()}),
        )
        return provider.Diff(request)

    host = {"name": "h", "project": "p", "image": "a"}
    same_name = diff("Instance", host, {**host, "image": "b"})
    assert (list(same_name.replaces), same_name.deleteBeforeReplace) == (["image"], True)
    renamed = diff("Instance", host, {**host, "name": "i"})
    assert (list(renamed.replaces), renamed.deleteBeforeReplace) == (["name"], False)
    assert renamed.detailedDiff["name"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    assert diff("Instance", host, host).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_provider_ends_when_the_engine_that_started_it_was_killed():
    start = f"print(subprocess.Popen(['{EXECUTABLE}', '127.0.0.1:1'], stdout=2).pid, flush=True)"
    engine = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, time; {start}; time.sleep(60)"],
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid = int(engine.stdout.readline())
    assert engine.stderr.readline().strip().isdigit()  # it serves
    engine.kill()
    engine.communicate()
    deadline = time.monotonic() + 20
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not _lives(pid)


def _lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
