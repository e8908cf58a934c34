"""W2 (`experiments/w2.ron`) in happysim 0.2, with the parts that it brings along.

Three of its servers, each downstream of the one before; a caller waits for whichever of two futures
is resolved first, that of its answer or that of its time limit, and work that nobody waits for any
more runs on. Its draws are its own, so its counts are like Brownout's and not the same. Prints them,
and nanoseconds for each event: an arrival, a piece of work done, a timeout or a retry that fires.

    pip install happysim==0.2.5        # Python 3.13 or later
    python3 experiments/witness/python/w2_happysim.py [SEED ...]
"""

import random
import sys
import time

import numpy
from happysimulator import Entity, Event, Instant, Server, SimFuture, Simulation, Source, any_of
from happysimulator.distributions import ExponentialLatency

RATE, WORK, LIMIT, RETRIES, END = 700.0, 0.010, 0.5, 3, 60.0
OUTAGE = (20.0, 30.0)


class Door(Entity):
    """In front of C: refuses at once while the outage lasts."""

    def __init__(self, behind):
        super().__init__("door")
        self.behind = behind

    def handle_event(self, event):
        if OUTAGE[0] <= self.now.to_seconds() < OUTAGE[1]:
            event.context["reply"].resolve(False)
            return None
        return [self.forward(event, self.behind)]


class Answer(Entity):
    """Behind C: whoever waits gets an answer."""

    def handle_event(self, event):
        event.context["reply"].resolve(True)


class Users(Entity):
    def __init__(self, first):
        super().__init__("users")
        self.first = first
        self.requests = self.attempts = self.ok = self.timeouts = self.retries = 0
        self.waited = 0.0

    def handle_event(self, event):
        self.requests += 1
        begun = self.now
        for nth in range(RETRIES + 1):
            self.attempts += 1
            reply, limit = SimFuture(), SimFuture()
            sent = Event(self.now, "Request", self.first, context={"reply": reply})
            up = Event.once(self.now + LIMIT, "Limit", lambda _, limit=limit: limit.resolve(False))
            yield 0.0, [sent, up]
            which, good = yield any_of(reply, limit)
            if good:
                self.ok += 1
                self.waited += (self.now - begun).to_seconds()
                return
            self.timeouts += which == 1
            if nth < RETRIES:
                yield random.uniform(0, min(10.0, 0.1 * 2**nth))
                self.retries += 1


def server(name, downstream):
    work = ExponentialLatency(WORK)
    return Server(name, concurrency=10, service_time=work, downstream=downstream)


def main():
    for seed in [int(word) for word in sys.argv[1:]] or [1]:
        random.seed(seed)
        numpy.random.seed(seed)
        answer = Answer("answer")
        c = server("C", answer)
        door = Door(c)
        b = server("B", door)
        a = server("A", b)
        users = Users(a)
        source = Source.poisson(rate=RATE, target=users)
        simulation = Simulation(
            sources=[source],
            entities=[users, a, b, door, c, answer],
            end_time=Instant.from_seconds(END),
        )
        begun = time.perf_counter()
        simulation.run()
        took = time.perf_counter() - begun
        works = sum(server.stats.requests_completed for server in (a, b, c))
        events = users.requests + works + users.timeouts + users.retries
        print(
            f"happysim seed {seed}: {users.requests} requests, {users.attempts} attempts, "
            f"{users.ok / users.requests:.1%} ok, mean {users.waited / users.ok * 1e3:.1f} ms, "
            f"{events} events, {took / events * 1e9:.0f} ns an event"
        )


main()
