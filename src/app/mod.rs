//! The console's state machine: `update(&mut Model, Msg) -> Vec<Effect>`. Pure: no terminal, no clock, no async. Time
//! arrives in messages, work leaves as [`Effect`]s, results come back with the id of the job that asked for them.

mod action;
pub mod alerts;
mod ask;
mod bucket;
mod credits;
mod cursor;
mod cx;
pub mod editor;
#[cfg(test)]
pub mod fixture;
mod job;
mod key;
pub mod keymap;
mod make;
mod model;
mod msg;
pub mod overlay;
pub mod panes;
pub mod pick;
pub mod picture;
pub mod prompt;
pub mod reading;
mod statement;
pub mod tour;
mod update;

pub use crate::jobs::query::Window as ResultWindow;
pub use crate::jobs::{Event as JobEvent, PartCount, Progress};
pub use action::Action;
pub use ask::{Ask, Asked, Fetched, Place};
pub use bucket::{Bucket, Bucketed};
pub use credits::{Meter, notes as help_notes};
pub use cursor::Cursor;
pub use cx::Cx;
pub use job::{
    Counts, Failure, Job, Jobs, Layer, LinkInfo, PrefixTotal, Preview, Reply, Running, Slot, TableCount, Traits,
};
pub use key::{Code, Key, KeyError};
pub use keymap::{Context, Keymap};
pub use make::{Made, Make, Order, Outlook};
pub use model::{Env, Link, Model, PaneId, Settings, Toast, Tone};
pub use msg::{Effect, Msg, Target};
pub use statement::{around as statement_around, spans as statement_spans};
pub use update::{contexts, next_wake_ms, picture_room, start, update};
