"""W2 as a SimPy textbook would write it: a process for each attempt, a resource for each service.

Its draws are its own, so its counts are near Brownout's but not equal: it is here for the time it takes.
Prints what happened and nanoseconds per event, shortest of the given number of runs (3).
"""

import random
import sys
import time

import simpy

RATE_PER_S, WORK_S, WORKERS = 700.0, 0.010, 10
TIMEOUT_S, RETRIES, WAIT_S, LONGEST_WAIT_S = 0.5, 3, 0.1, 10.0
OUTAGE_S, END_S = (20.0, 30.0), 60.0


class Refused(Exception):
    """The last service says no."""


class W2:
    def __init__(self, seed):
        self.env = simpy.Environment()
        self.draw = random.Random(seed)
        self.services = [simpy.Resource(self.env, WORKERS) for _ in range(3)]
        self.events = self.requests = self.attempts = self.successes = self.timeouts = 0

    def run(self):
        self.env.process(self.arrivals())
        self.env.run(until=END_S)
        return self

    def arrivals(self):
        while True:
            yield self.env.timeout(self.draw.expovariate(RATE_PER_S))
            self.events += 1
            self.requests += 1
            self.env.process(self.request())

    def request(self):
        for failures in range(RETRIES + 1):
            self.attempts += 1
            answer = self.env.process(self.attempt())
            patience = self.env.timeout(TIMEOUT_S)
            try:
                yield answer | patience
                if answer.processed:
                    self.successes += 1
                    return
                self.events += 1
                self.timeouts += 1
                answer.defused = True
            except Refused:
                pass
            if failures < RETRIES:
                longest = min(LONGEST_WAIT_S, WAIT_S * 2**failures)
                yield self.env.timeout(self.draw.uniform(0.0, longest))
                self.events += 1

    def attempt(self):
        for place, service in enumerate(self.services):
            if place == 2 and OUTAGE_S[0] <= self.env.now < OUTAGE_S[1]:
                raise Refused
            with service.request() as worker:
                yield worker
                yield self.env.timeout(self.draw.expovariate(1.0 / WORK_S))
            self.events += 1


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    shortest = float("inf")
    for _ in range(rounds):
        model = W2(seed=1)
        begun = time.perf_counter()
        model.run()
        shortest = min(shortest, time.perf_counter() - begun)
    per_event = shortest * 1e9 / model.events
    print(f"requests {model.requests}  attempts {model.attempts}  successes {model.successes}  "
          f"timeouts {model.timeouts}  events {model.events}  {per_event:.0f} ns/event")


if __name__ == "__main__":
    main()
