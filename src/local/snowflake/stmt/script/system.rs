//! CALL of a system procedure: what changes something and is no function of a query.

use super::super::super::answer::Answer;
use super::super::super::bind::Bound;
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::notify;
use super::run::one_cell;
use super::vars::display;

/// Those that only CALL runs.
const PROCEDURES: &[&str] = &["SYSTEM$SNOWDECK_ADVANCE_CLOCK"];

/// Whether a name is one of them.
#[must_use]
pub fn is_procedure(name: &str) -> bool {
    PROCEDURES.contains(&name) || notify::is_procedure(name)
}

/// Runs a system procedure.
///
/// # Errors
/// What the procedure refuses.
pub fn call(cx: &mut Cx<'_>, name: &str, args: &[Bound]) -> SfResult<Answer> {
    if notify::is_procedure(name) {
        let mut texts = Vec::with_capacity(args.len());
        for arg in args {
            texts.push(display(cx, arg)?);
        }
        let value = notify::procedure(cx, name, &texts)?;
        return one_cell(cx, name, Some(value));
    }
    let value = match (name, args) {
        ("SYSTEM$SNOWDECK_ADVANCE_CLOCK", [seconds]) => advance_clock(cx, seconds)?,
        _ => return Err(wrong_count(name, 1, args.len())),
    };
    one_cell(cx, name, Some(value))
}

fn wrong_count(name: &str, wanted: usize, got: usize) -> SfError {
    let what = if got < wanted { "not enough" } else { "too many" };
    SfError::compile(
        "000938",
        "22023",
        format!("{what} arguments for function [{name}()], expected {wanted}, got {got}"),
    )
}

/// Moves the engine's clock ahead; ACCOUNTADMIN's alone, as it touches everybody's time. Gives the new time.
fn advance_clock(cx: &mut Cx<'_>, seconds: &Bound) -> SfResult<Bound> {
    if !cx.roles().contains("ACCOUNTADMIN") {
        return Err(SfError::privileges("account", &cx.engine.account));
    }
    let text = display(cx, seconds)?.unwrap_or_default();
    let ms = text.parse::<f64>().ok().filter(|s| s.is_finite() && s.abs() < 1e12).ok_or_else(|| {
        SfError::compile("001008", "22023", format!("invalid value [{text}] for parameter 'seconds'"))
    })?;
    #[allow(clippy::cast_possible_truncation, reason = "below 1e15")]
    let now = cx.engine.clock.advance(&cx.engine.connect()?, (ms * 1000.0).round() as i64)?;
    cx.engine.tasks.desk.poke();
    let text =
        chrono::DateTime::from_timestamp_millis(now).map(|t| t.format("%Y-%m-%d %H:%M:%S%.3f +0000").to_string());
    Ok(Bound::text(&text.unwrap_or_default()))
}
