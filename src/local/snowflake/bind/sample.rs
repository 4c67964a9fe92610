//! SAMPLE and TABLESAMPLE.

use super::super::error::{SfError, SfResult};
use super::binder::Binder;
use super::from::Source;
use super::functions::flatten;
use super::scope::{Rel, Scope};
use sqlparser::ast::{TableSample, TableSampleKind, TableSampleMethod, TableSampleUnit, Value};

impl Binder<'_, '_> {
    /// A source of which only some rows are read.
    ///
    /// # Errors
    /// 001014-like for a share outside 0…100 or a negative number of rows; 000002 for other dialects' clauses.
    pub fn sampled(
        &mut self,
        (source, rel): (Source, Rel),
        sample: Option<&TableSampleKind>,
    ) -> SfResult<(Source, Rel)> {
        let Some(TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) = sample else {
            return Ok((source, rel));
        };
        if self.track.is_some() {
            return Err(super::track::refused("SAMPLE"));
        }
        let clause = self.sample_clause(sample)?;
        let sql = match source {
            Source::Sql(sql) => sql,
            Source::Flatten(f) => format!("({}) AS {}", flatten::relation_sql(&f), rel.alias),
        };
        Ok((Source::Sql(format!("(SELECT * FROM {sql} USING SAMPLE {clause}) AS {}", rel.alias)), rel))
    }

    fn sample_clause(&mut self, s: &TableSample) -> SfResult<String> {
        if s.bucket.is_some() || s.offset.is_some() {
            return Err(SfError::unsupported("SAMPLE with BUCKET or OFFSET"));
        }
        let quantity = s.quantity.as_ref().ok_or_else(|| SfError::syntax(1, 0, "SAMPLE"))?;
        let bound = self.expr(&quantity.value, &Scope::new(None))?;
        let text = self.constant_text(&bound)?;
        let n: f64 = text.parse().map_err(|_| invalid(&text))?;
        let block = matches!(s.name, Some(TableSampleMethod::System | TableSampleMethod::Block));
        let size = if matches!(quantity.unit, Some(TableSampleUnit::Rows)) {
            if block {
                return Err(SfError::unsupported("SAMPLE SYSTEM with a number of rows"));
            }
            if !(0.0..=1_000_000.0).contains(&n) || n.fract() != 0.0 {
                return Err(invalid(&text));
            }
            format!("reservoir({n} ROWS)")
        } else if (0.0..=100.0).contains(&n) {
            format!("{}({n} PERCENT)", if block { "system" } else { "bernoulli" })
        } else {
            return Err(invalid(&text));
        };
        let Some(seed) = &s.seed else { return Ok(size) };
        match &seed.value.value {
            Value::Number(n, _) if n.parse::<u32>().is_ok() => Ok(format!("{size} REPEATABLE ({n})")),
            other => Err(invalid(&other.to_string())),
        }
    }
}

fn invalid(text: &str) -> SfError {
    SfError::compile("001014", "22023", format!("invalid value [{text}] for parameter 'SAMPLE'"))
}
