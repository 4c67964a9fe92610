//! Result columns as the protocol describes them.

use super::super::answer::Field;
use super::super::types::{TEXT_DEFAULT, Ty};
use serde_json::{Value, json};

/// Characters and bytes of a text column: four bytes a character, held to the largest value.
#[must_use]
pub fn text_lengths(len: u32) -> (u64, u64) {
    let chars = u64::from(len);
    (chars, (chars * 4).min(chars.max(u64::from(TEXT_DEFAULT))))
}

/// The `rowtype` member: every key present, as some clients fail on a missing one.
#[must_use]
pub fn rowtype(fields: &[Field]) -> Vec<Value> {
    fields.iter().map(column).collect()
}

fn column(field: &Field) -> Value {
    let (mut precision, mut scale, mut length, mut bytes) = (Value::Null, Value::Null, Value::Null, Value::Null);
    match field.ty {
        Ty::Number { p, s } => (precision, scale) = (p.into(), s.into()),
        Ty::Text { len } => {
            let (chars, size) = text_lengths(len);
            (length, bytes) = (chars.into(), size.into());
        }
        Ty::Null => {
            let (chars, size) = text_lengths(TEXT_DEFAULT);
            (length, bytes) = (chars.into(), size.into());
        }
        Ty::Binary { len } => (length, bytes) = (len.into(), len.into()),
        Ty::Time { scale: s } | Ty::Ntz { scale: s } | Ty::Ltz { scale: s } | Ty::Tz { scale: s } => {
            (precision, scale) = (0.into(), s.into());
        }
        _ => {}
    }
    json!({
        "name": field.name, "database": "", "schema": "", "table": "",
        "nullable": field.nullable, "type": field.ty.wire(),
        "precision": precision, "scale": scale, "length": length, "byteLength": bytes, "collation": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_a_character_up_to_the_largest_value() {
        assert_eq!(text_lengths(10), (10, 40));
        assert_eq!(text_lengths(TEXT_DEFAULT), (16_777_216, 16_777_216));
        assert_eq!(text_lengths(134_217_728), (134_217_728, 134_217_728));
    }
}
