"""The worst morning of the year: everybody signs in around 08:30, counters open, and something breaks right
then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from capacity.arrivals import Floats
from capacity.display import Streams, Ways, alive, arrive, preferred, ways
from capacity.failures import Left
from capacity.figures import worst_p95
from capacity.layout import Layout
from capacity.parameters import Center, Parameters
from capacity.population import MIDDLE_S, People, Requests, people, requests
from capacity.queue import departures
from capacity.sign_in import Desktops, desktops


class Morning(NamedTuple):
    """Sign-ins: 95th percentile (s) and share refused; transactions: 95th percentile (s)."""

    sign_in_p95: float
    sign_in_refused: float
    transaction_p95: float


@dataclass(frozen=True)
class Scene:
    """Where the morning plays: the links outward, which of them stay up, and the center that serves."""

    ways: Ways
    up: np.ndarray[tuple[int], np.dtype[np.bool_]]
    center: Center


def morning(layout: Layout, parameters: Parameters, now: Left, width_s: float, seed: int) -> Morning:
    """Run one morning in which ``now`` is what is left from 08:30 on.

    If the data center is lost, it is the morning after the takeover: fewer people, but all of them at once.
    Cities that are cut off are not in these figures but in the outage.
    """
    served = Layout(
        tuple(city for place, city in enumerate(layout.cities) if place not in set(now.cut_off)),
        layout.edges,
        layout.legs,
    )
    if not served.cities:
        return Morning(0.0, 0.0, 0.0)
    share, width = (
        (1.0, width_s) if now.data_center else (parameters.degraded_desktops, min(parameters.widths_s))
    )
    links = ways(served, parameters, now.data_center)
    scene = Scene(links, alive(links, now), parameters.center("dc" if now.data_center else "bc"))
    return outcome(
        parameters, scene, people(served, parameters, seed, share, width), requests(served, parameters, seed)
    )


def outcome(parameters: Parameters, scene: Scene, who: People, what: Requests) -> Morning:
    """Run the sign-ins and the transactions, whose pictures and answers share the lines."""
    signed = desktops(who, parameters, scene.center)
    answered = answers_ready(parameters, scene, what)
    pictures = first_screens(parameters, who, signed)
    flows = joined(pictures, answers(parameters, what, answered))
    there = arrive(scene.ways, parameters, scene.up, pictures, flows)
    shown, told = there[: len(pictures.start_s)], there[len(pictures.start_s) :]
    seated = ~signed.refused
    return Morning(
        worst_p95(shown - who.arrival_s[seated], who.city[seated]),
        float(np.mean(signed.refused)) if len(signed.refused) else 0.0,
        worst_p95(told + parameters.latency_s / 2 - what.start_s, what.city),
    )


def first_screens(parameters: Parameters, who: People, signed: Desktops) -> Streams:
    """The first pictures of all who have a place."""
    seated = ~signed.refused
    count = int(seated.sum())
    return Streams(
        signed.begun_s[seated],
        np.full(count, parameters.screen_bytes),
        np.full(count, parameters.screen_bps),
        who.city[seated],
        who.flow_hash[seated],
    )


def answers(parameters: Parameters, what: Requests, ready: Floats) -> Streams:
    """The answers to all transactions."""
    count = len(ready)
    return Streams(
        ready,
        np.full(count, parameters.answer_bytes),
        np.full(count, parameters.answer_bps),
        what.city,
        what.flow_hash,
    )


def joined(one: Streams, other: Streams) -> Streams:
    """Both, one after the other."""
    return Streams(
        np.concatenate([one.start_s, other.start_s]),
        np.concatenate([one.size_bytes, other.size_bytes]),
        np.concatenate([one.limit_bps, other.limit_bps]),
        np.concatenate([one.city, other.city]),
        np.concatenate([one.flow_hash, other.flow_hash]),
    )


def answers_ready(parameters: Parameters, scene: Scene, what: Requests) -> Floats:
    """When the answer to each transaction leaves the center, s: application server, then database."""
    line = preferred(scene.ways, what.city, what.flow_hash)
    sent = what.start_s + lost_time(what.start_s, ~scene.up[line], parameters)
    come = sent + parameters.latency_s / 2
    worked = in_turn(come, what.application * parameters.application_s, int(scene.center.application_cores))
    return in_turn(worked, what.database * parameters.database_s, int(scene.center.database_cores))


def in_turn(come: Floats, work_s: Floats, servers: int) -> Floats:
    """When jobs in any order leave a queue, s."""
    order = np.argsort(come, kind="stable")
    done = np.empty(len(come))
    done[order] = departures(come[order], work_s[order], max(1, servers))
    return done


def lost_time(
    start_s: Floats, dead: np.ndarray[tuple[int], np.dtype[np.bool_]], parameters: Parameters
) -> Floats:
    """How long requests wait that were sent on a dead line before anybody knew, s.

    TCP sends again after its retransmission time, then after twice that, and so on; the first of these that
    finds another way gets through.
    """
    unknown = MIDDLE_S + parameters.detection_s - start_s
    hit = dead & (start_s >= MIDDLE_S) & (unknown > 0)
    tries = np.ceil(np.log2(1 + np.maximum(unknown, 0.0) / parameters.retransmission_s))
    return np.where(hit, parameters.retransmission_s * (2**tries - 1), 0.0)
