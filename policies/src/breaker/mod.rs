//! Circuit breakers: stop calling what keeps failing, and find out carefully whether it is well again.
