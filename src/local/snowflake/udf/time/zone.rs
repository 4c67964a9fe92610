//! Time zones by IANA name.

use super::super::super::error::{SfError, SfResult};
use chrono::{DateTime, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

const MINUTE_US: i64 = 60_000_000;

/// A time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self(Tz::UTC);

    /// Reads an IANA name such as `America/Los_Angeles`; an empty one is UTC.
    ///
    /// # Errors
    /// 100093 for an unknown name.
    pub fn parse(name: &str) -> SfResult<Self> {
        if name.is_empty() {
            return Ok(Self::UTC);
        }
        name.parse::<Tz>()
            .ok()
            .or_else(|| chrono_tz::TZ_VARIANTS.iter().copied().find(|t| t.name().eq_ignore_ascii_case(name)))
            .map(Self)
            .ok_or_else(|| SfError::execution("100093", "22023", format!("Unknown timezone: '{name}'")))
    }

    /// The offset from UTC at an instant, in minutes.
    #[must_use]
    pub fn offset_minutes(self, utc_us: i64) -> i32 {
        if self.0 == Tz::UTC {
            return 0;
        }
        let at = DateTime::<Utc>::from_timestamp_micros(utc_us).unwrap_or_default().naive_utc();
        self.0.offset_from_utc_datetime(&at).fix().local_minus_utc() / 60
    }

    /// From UTC to the zone's own clock.
    #[must_use]
    pub fn to_local(self, utc_us: i64) -> i64 {
        utc_us.saturating_add(i64::from(self.offset_minutes(utc_us)) * MINUTE_US)
    }

    /// From the zone's own clock to UTC. A time that comes twice is the first; one that is skipped moves forward.
    #[must_use]
    pub fn to_utc(self, local_us: i64) -> i64 {
        if self.0 == Tz::UTC {
            return local_us;
        }
        let at: NaiveDateTime = DateTime::<Utc>::from_timestamp_micros(local_us).unwrap_or_default().naive_utc();
        match self.0.offset_from_local_datetime(&at).earliest() {
            Some(offset) => local_us - i64::from(offset.fix().local_minus_utc()) * 1_000_000,
            // Skipped: the offset before the gap moves it behind the gap.
            None => local_us - i64::from(self.offset_minutes(local_us - 86_400_000_000)) * MINUTE_US,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_and_winter() {
        let zone = Zone::parse("America/Los_Angeles").unwrap();
        let winter = 1_704_067_200_000_000; // 2024-01-01 00:00:00
        assert_eq!(zone.offset_minutes(winter), -480);
        assert_eq!(zone.to_utc(zone.to_local(winter)), winter);
        assert_eq!(zone.offset_minutes(1_720_000_000_000_000), -420);
        // 2024-03-10 02:30 does not exist there: 03:30 PDT = 10:30 UTC.
        assert_eq!(zone.to_utc(1_710_037_800_000_000), 1_710_066_600_000_000);
        assert!(Zone::parse("Mars/Base").is_err());
    }
}
