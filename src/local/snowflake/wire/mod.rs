//! The driver protocol over HTTP.
