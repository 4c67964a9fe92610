//! The driver protocol over HTTP.

pub mod encode;
