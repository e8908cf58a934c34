"""W2 (`experiments/w2.ron`) in SimPy 4, as its documentation would have one write it.

A process for each request and for each attempt; services are resources, a caller waits for whichever
comes first, the answer or the time limit, and work that nobody waits for any more runs on. Its draws
are Python's own, so its counts are like Brownout's and not the same. Prints them, and nanoseconds for
each event: an arrival, a piece of work done, a timeout or a retry that fires.

    pip install simpy==4.1.2
    python3 experiments/witness/python/w2_simpy.py [SEED ...]
"""

import random
import sys
import time

import simpy

RATE, WORK, LIMIT, RETRIES, END = 700.0, 0.010, 0.5, 3, 60.0
OUTAGE = (20.0, 30.0)


class System:
    def __init__(self, seed):
        self.draws = random.Random(seed)
        self.env = simpy.Environment()
        self.services = [simpy.Resource(self.env, capacity=10) for _ in range(3)]
        self.requests = self.attempts = self.ok = self.timeouts = self.works = self.retries = 0
        self.waited = 0.0

    def attempt(self):
        for number, service in enumerate(self.services):
            if number == 2 and OUTAGE[0] <= self.env.now < OUTAGE[1]:
                return False
            with service.request() as worker:
                yield worker
                yield self.env.timeout(self.draws.expovariate(1 / WORK))
            self.works += 1
        return True

    def request(self):
        begun = self.env.now
        for nth in range(RETRIES + 1):
            self.attempts += 1
            answer, limit = self.env.process(self.attempt()), self.env.timeout(LIMIT)
            yield answer | limit
            if answer.processed and answer.value:
                self.ok += 1
                self.waited += self.env.now - begun
                return
            self.timeouts += not answer.processed
            if nth < RETRIES:
                yield self.env.timeout(self.draws.uniform(0, min(10.0, 0.1 * 2**nth)))
                self.retries += 1

    def users(self):
        while True:
            yield self.env.timeout(self.draws.expovariate(RATE))
            self.requests += 1
            self.env.process(self.request())


def main():
    for seed in [int(word) for word in sys.argv[1:]] or [1]:
        system = System(seed)
        system.env.process(system.users())
        begun = time.perf_counter()
        system.env.run(until=END)
        took = time.perf_counter() - begun
        events = system.requests + system.works + system.timeouts + system.retries
        print(
            f"simpy seed {seed}: {system.requests} requests, {system.attempts} attempts, "
            f"{system.ok / system.requests:.1%} ok, mean {system.waited / system.ok * 1e3:.1f} ms, "
            f"{events} events, {took / events * 1e9:.0f} ns an event"
        )


main()
