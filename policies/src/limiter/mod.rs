//! Rate limiters: so many per time, with or without debt.
