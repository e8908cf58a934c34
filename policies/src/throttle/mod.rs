//! Client-side throttles: refuse locally what the other side would refuse anyway.
