//! Small systems whose runs can be followed by hand, part by part, in one program.

#[path = "tight.rs"]
mod by_hand;
mod deadline;
mod deaths;
mod effects;
mod entrance;
mod explain;
mod faults;
mod fleet;
mod lives;
mod loads;
mod model;
mod monitors;
mod pictures;
mod pools;
mod random;
mod script;
mod stack;
mod stored;
mod stores;
mod story;
