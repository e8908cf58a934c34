//! Load balancing: which member of a group takes the next call.
