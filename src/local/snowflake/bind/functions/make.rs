//! What translations of calls share.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::cast::{Mode, cast, to_variant};
use super::super::{Bound, common_type};
use super::{BindFn, Call, Function};

/// No upper limit of arguments.
pub(super) const MANY: usize = 1_000_000;

/// A table row.
pub(super) const fn f(name: &'static str, min: usize, max: usize, bind: BindFn) -> Function {
    Function { name, min, max, bind }
}

impl Call<'_> {
    /// An expression that may be NULL where an argument may.
    pub(super) fn out(&self, sql: impl Into<String>, ty: Ty) -> Bound {
        let nullable = self.args.iter().any(|a| a.nullable);
        Bound { sql: sql.into(), ty, nullable, literal: None }
    }

    /// An expression that may be NULL whatever the arguments.
    pub(super) fn maybe(&self, sql: impl Into<String>, ty: Ty) -> Bound {
        Bound::new(sql, ty)
    }

    /// An argument; there must be one.
    pub(super) fn arg(&self, i: usize) -> SfResult<&Bound> {
        self.args.get(i).ok_or_else(|| self.bad_types())
    }

    /// An argument cast to a type.
    pub(super) fn to(&self, i: usize, ty: Ty) -> SfResult<String> {
        Ok(self.cast(i, ty)?.sql)
    }

    /// An argument cast to a type.
    pub(super) fn cast(&self, i: usize, ty: Ty) -> SfResult<Bound> {
        cast(self.arg(i)?, ty, Mode::Explicit, self.env)
    }

    /// An argument as text.
    pub(super) fn text(&self, i: usize) -> SfResult<String> {
        if self.arg(i)?.ty.is_text() { Ok(self.arg(i)?.sql.clone()) } else { self.to(i, Ty::TEXT) }
    }

    /// An argument as a DOUBLE.
    pub(super) fn float(&self, i: usize) -> SfResult<String> {
        self.to(i, Ty::Float)
    }

    /// An argument as a BIGINT.
    pub(super) fn int(&self, i: usize) -> SfResult<String> {
        let a = self.arg(i)?;
        if let Some(n) = self.constant_int(i) {
            return Ok(format!("CAST({n} AS BIGINT)"));
        }
        let sql = if matches!(a.ty, Ty::Number { .. }) { a.sql.clone() } else { self.to(i, Ty::INT)? };
        Ok(format!("CAST({sql} AS BIGINT)"))
    }

    /// An argument as NUMBER or FLOAT: text becomes a NUMBER with five places, VARIANT a FLOAT.
    pub(super) fn number(&self, i: usize) -> SfResult<Bound> {
        let a = self.arg(i)?;
        match a.ty {
            Ty::Number { .. } | Ty::Float => Ok(a.clone()),
            Ty::Text { .. } => self.cast(i, Ty::Number { p: 38, s: 5 }),
            Ty::Variant => self.cast(i, Ty::Float),
            Ty::Boolean | Ty::Null => self.cast(i, Ty::INT),
            _ => Err(self.bad_types()),
        }
    }

    /// An argument as VARIANT.
    pub(super) fn variant(&self, i: usize) -> SfResult<String> {
        to_variant(self.arg(i)?, self.env)
    }

    /// A literal argument's text.
    pub(super) fn literal(&self, i: usize) -> Option<&str> {
        self.args.get(i).and_then(|a| a.literal.as_deref())
    }

    /// A literal argument that must be one.
    pub(super) fn constant(&self, i: usize) -> SfResult<&str> {
        self.literal(i).ok_or_else(|| {
            SfError::compile(
                "001015",
                "22023",
                format!(
                    "argument {} to function {} needs to be constant, found '{}'",
                    i + 1,
                    self.name,
                    self.display(i)
                ),
            )
        })
    }

    /// A literal whole number.
    pub(super) fn constant_int(&self, i: usize) -> Option<i64> {
        let a = self.args.get(i)?;
        let text = a.literal.as_deref().map_or_else(
            || {
                let inner = a.sql.strip_prefix("CAST(")?;
                inner.split_once(" AS DECIMAL(").map(|(n, _)| n.trim_matches('\''))
            },
            Some,
        )?;
        text.trim().parse().ok()
    }

    /// All arguments in their common type.
    pub(super) fn unified(&self, from: usize) -> SfResult<(Vec<String>, Ty)> {
        let types: Vec<Ty> = self.args[from..].iter().map(|a| a.ty).collect();
        let ty = common_type(&types)?;
        let items = (from..self.args.len()).map(|i| self.to(i, ty)).collect::<SfResult<_>>()?;
        Ok((items, ty))
    }

    fn display(&self, i: usize) -> String {
        self.args.get(i).map_or_else(String::new, |a| a.ty.display())
    }

    /// 001044.
    pub(super) fn bad_types(&self) -> SfError {
        let types: Vec<String> = self.args.iter().map(|a| a.ty.display()).collect();
        SfError::compile_at(
            "001044",
            "42P13",
            self.line,
            self.position,
            &format!("Invalid argument types for function '{}': ({})", self.name, types.join(", ")),
        )
    }
}
