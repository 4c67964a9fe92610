//! SNOWFLAKE.NOTIFICATION's helper functions: JSON for SYSTEM$SEND_SNOWFLAKE_NOTIFICATION.

use super::super::super::bind::Bound;
use super::super::super::bind::binder::Binder;
use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use serde_json::{Value, json};

/// A function of SNOWFLAKE.NOTIFICATION by bare name. Arguments must be constants.
///
/// # Errors
/// 002141 for an unknown one; 000938 for a wrong number of arguments.
pub fn function(b: &mut Binder<'_, '_>, name: &str, args: &[Bound]) -> SfResult<Bound> {
    let count = |least: usize, most: usize| -> SfResult<()> {
        if (least..=most).contains(&args.len()) {
            return Ok(());
        }
        let what = if args.len() < least { "not enough" } else { "too many" };
        let text = format!(
            "{what} arguments for function [SNOWFLAKE.NOTIFICATION.{name}()], expected {least}, got {}",
            args.len()
        );
        Err(SfError::compile("000938", "22023", text))
    };
    let mime = match name {
        "TEXT_PLAIN" => "text/plain",
        "TEXT_HTML" => "text/html",
        "TEXT_MARKDOWN" => "text/markdown",
        "APPLICATION_JSON" => "application/json",
        _ => "",
    };
    let mut texts = Vec::new();
    for arg in args {
        texts.push(if arg.ty == Ty::Null { None } else { Some(b.constant_text(arg)?) });
    }
    let text = |i: usize| texts.get(i).cloned().flatten();
    let value = if mime.is_empty() {
        match name {
            "INTEGRATION" => {
                count(1, 1)?;
                json!({ text(0).unwrap_or_default(): {} }).to_string()
            }
            "EMAIL_INTEGRATION_CONFIG" => {
                count(2, 5)?;
                let mut options = serde_json::Map::new();
                if let Some(subject) = text(1) {
                    options.insert("subject".into(), subject.into());
                }
                for (i, key) in [(2, "toAddress"), (3, "ccAddress"), (4, "bccAddress")] {
                    if let Some(list) = text(i) {
                        let list: Value = serde_json::from_str(&list).unwrap_or_else(|_| json!([list]));
                        options.insert(key.into(), list);
                    }
                }
                json!({ text(0).unwrap_or_default(): options }).to_string()
            }
            "SANITIZE_WEBHOOK_CONTENT" => {
                count(1, 1)?;
                text(0).unwrap_or_default().replace("SNOWFLAKE_WEBHOOK_SECRET", "")
            }
            _ => {
                let text = format!("Unknown user-defined function SNOWFLAKE.NOTIFICATION.{name}.");
                return Err(SfError::compile("002141", "42601", text));
            }
        }
    } else {
        count(1, 1)?;
        json!({ mime: text(0).unwrap_or_default() }).to_string()
    };
    Ok(Bound { literal: None, ..Bound::text(&value) })
}
