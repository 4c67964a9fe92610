//! The terminal, the event loop, effects turned into jobs.
