//! Load shedding: what to drop when more comes than can be served.
