//! Dates and times: formats, reading, printing, time zones. DuckDB is built without ICU, so zones are done here.

pub mod format;
pub mod parse;
pub mod print;
pub mod zone;

use super::super::error::{SfError, SfResult};
use super::row::{Last, Row};
use super::udf;
use duckdb::Connection;
use format::Format;
use zone::Zone;

/// A time that was read: microseconds since 1970 on its own clock, and the offset where one was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// Local microseconds.
    pub local_us: i64,
    /// Offset in minutes.
    pub offset: Option<i32>,
    /// It was a number of seconds (or ms, µs, ns) since 1970, so that `local_us` is UTC.
    pub epoch: bool,
}

const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 86_400_000_000;

impl Read {
    /// The instant, with the zone for what names no offset.
    #[must_use]
    pub fn utc(self, zone: Zone) -> i64 {
        match self.offset {
            _ if self.epoch => self.local_us,
            Some(minutes) => self.local_us - i64::from(minutes) * MINUTE_US,
            None => zone.to_utc(self.local_us),
        }
    }

    /// Its offset from UTC, with the zone for what names none.
    #[must_use]
    pub fn offset_in(self, zone: Zone) -> i32 {
        self.offset.unwrap_or_else(|| zone.offset_minutes(self.utc(zone)))
    }
}

/// 100035.
fn bad_stamp(text: &str) -> SfError {
    SfError::execution("100035", "22007", format!("Timestamp '{text}' is not recognized"))
}

/// 100040.
fn bad_date(text: &str) -> SfError {
    SfError::execution("100040", "22007", format!("Date '{text}' is not recognized"))
}

/// 100108.
fn bad_time(text: &str) -> SfError {
    SfError::execution("100108", "22007", format!("Time '{text}' is not recognized"))
}

/// Reads text by a format that the closure keeps compiled.
fn reader() -> impl FnMut(&str, &str) -> SfResult<Option<Read>> {
    let mut formats = Last::new();
    move |text, format| Ok(formats.get(format, |f| Ok(Format::new(f)))?.read(text))
}

/// Registers the functions over dates and times.
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    register_parse(conn)?;
    register_try(conn)?;
    udf!(conn;
        "sf_to_utc"(Stamp, Text) -> Stamp = {
            let mut zones = Last::new();
            move |r: Row<'_>| match (r.stamp(0), r.text(1)) {
                (Some(t), Some(z)) => Ok(Some(zones.get(z, Zone::parse)?.to_utc(t))),
                _ => Ok(None),
            }
        };
        "sf_to_local"(Stamp, Text) -> Stamp = {
            let mut zones = Last::new();
            move |r: Row<'_>| match (r.stamp(0), r.text(1)) {
                (Some(t), Some(z)) => Ok(Some(zones.get(z, Zone::parse)?.to_local(t))),
                _ => Ok(None),
            }
        };
        "sf_offset"(Stamp, Text) -> Int4 = {
            let mut zones = Last::new();
            move |r: Row<'_>| match (r.stamp(0), r.text(1)) {
                (Some(t), Some(z)) => Ok(Some(zones.get(z, Zone::parse)?.offset_minutes(t))),
                _ => Ok(None),
            }
        };
        "sf_print"(Stamp, Int, Text) -> Text = {
            let mut formats = Last::new();
            move |r: Row<'_>| match (r.stamp(0), r.int(1), r.text(2)) {
                (Some(t), offset, Some(f)) => {
                    // A day stands for none: NULL would make the whole call NULL.
                    let offset = offset.and_then(|o| i32::try_from(o).ok()).filter(|o| *o > -1440);
                    Ok(Some(formats.get(f, |f| Ok(Format::new(f)))?.print(t, offset)))
                }
                _ => Ok(None),
            }
        };
    );
    Ok(())
}

fn register_parse(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_ntz"(Text, Text) -> Stamp = {
            let mut read = reader();
            move |r: Row<'_>| match (r.text(0), r.text(1)) {
                (Some(t), Some(f)) => read(t, f)?.ok_or_else(|| bad_stamp(t)).map(|v| Some(v.local_us)),
                _ => Ok(None),
            }
        };
        "sf_ltz"(Text, Text, Text) -> Stamp = {
            let (mut read, mut zones) = (reader(), Last::new());
            move |r: Row<'_>| match (r.text(0), r.text(1), r.text(2)) {
                (Some(t), Some(f), Some(z)) => {
                    let zone = *zones.get(z, Zone::parse)?;
                    read(t, f)?.ok_or_else(|| bad_stamp(t)).map(|v| Some(v.utc(zone)))
                }
                _ => Ok(None),
            }
        };
        "sf_tz_offset"(Text, Text, Text) -> Int4 = {
            let (mut read, mut zones) = (reader(), Last::new());
            move |r: Row<'_>| match (r.text(0), r.text(1), r.text(2)) {
                (Some(t), Some(f), Some(z)) => {
                    let zone = *zones.get(z, Zone::parse)?;
                    Ok(read(t, f)?.map(|v| v.offset_in(zone)))
                }
                _ => Ok(None),
            }
        };
        "sf_date"(Text, Text) -> Day = {
            let mut read = reader();
            move |r: Row<'_>| match (r.text(0), r.text(1)) {
                (Some(t), Some(f)) => read(t, f)?.and_then(day_of).ok_or_else(|| bad_date(t)).map(Some),
                _ => Ok(None),
            }
        };
        "sf_time"(Text, Text) -> Clock = {
            let mut formats = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1)) {
                (Some(t), Some(f)) => {
                    formats.get(f, |f| Ok(Format::new(f)))?.read_time(t).ok_or_else(|| bad_time(t)).map(Some)
                }
                _ => Ok(None),
            }
        };
    );
    Ok(())
}

fn register_try(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_try_ntz"(Text, Text) -> Stamp = {
            let mut read = reader();
            move |r: Row<'_>| match (r.text(0), r.text(1)) {
                (Some(t), Some(f)) => Ok(read(t, f)?.map(|v| v.local_us)),
                _ => Ok(None),
            }
        };
        "sf_try_ltz"(Text, Text, Text) -> Stamp = {
            let (mut read, mut zones) = (reader(), Last::new());
            move |r: Row<'_>| match (r.text(0), r.text(1), r.text(2)) {
                (Some(t), Some(f), Some(z)) => {
                    let zone = *zones.get(z, Zone::parse)?;
                    Ok(read(t, f)?.map(|v| v.utc(zone)))
                }
                _ => Ok(None),
            }
        };
        "sf_try_date"(Text, Text) -> Day = {
            let mut read = reader();
            move |r: Row<'_>| match (r.text(0), r.text(1)) {
                (Some(t), Some(f)) => Ok(read(t, f)?.and_then(day_of)),
                _ => Ok(None),
            }
        };
        "sf_try_time"(Text, Text) -> Clock = {
            let mut formats = Last::new();
            move |r: Row<'_>| match (r.text(0), r.text(1)) {
                (Some(t), Some(f)) => Ok(formats.get(f, |f| Ok(Format::new(f)))?.read_time(t)),
                _ => Ok(None),
            }
        };
    );
    Ok(())
}

fn day_of(read: Read) -> Option<i32> {
    i32::try_from(read.local_us.div_euclid(DAY_US)).ok()
}
