//! The console's state machine: pure, no terminal, no clock, no async.
