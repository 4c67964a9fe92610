//! A policy's use on a column, table or view.

use super::super::ddl::table::{ColumnSpec, name_list};
use crate::local::snowflake::access;
use crate::local::snowflake::catalog::{Body, ColumnDef, Kind, Mask, Object, ObjectName, Policy, RowPolicy, Table};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;
use std::sync::Arc;

/// `MASKING POLICY p [USING (c, …)]` of a column, or `ROW ACCESS POLICY p ON (c, …)`.
#[derive(Debug, Clone)]
pub struct PolicyUse {
    /// The policy's name as written.
    pub policy: ObjectName,
    /// The columns that are its arguments; a mask's first is the column itself.
    pub columns: Vec<String>,
}

/// `[WITH] MASKING POLICY p [USING (c, …)]` behind a column, if it comes next.
///
/// # Errors
/// 001003; 001506 where USING does not begin with the column.
pub fn mask_clause(c: &mut Cursor<'_>, column: &str) -> SfResult<Option<PolicyUse>> {
    if !c.accept("WITH MASKING POLICY") && !c.accept("MASKING POLICY") {
        return Ok(None);
    }
    let policy = c.name()?;
    let columns = if c.accept("USING") { name_list(c)? } else { vec![column.to_owned()] };
    if columns.first().is_none_or(|first| first != column) {
        return Err(SfError::compile(
            "001506",
            "22023",
            format!("The first column of USING must be the masked column '{column}'."),
        ));
    }
    Ok(Some(PolicyUse { policy, columns }))
}

/// `[WITH] ROW ACCESS POLICY p ON (c, …)`, if it comes next.
///
/// # Errors
/// 001003.
pub fn row_clause(c: &mut Cursor<'_>) -> SfResult<Option<PolicyUse>> {
    if !c.accept("WITH ROW ACCESS POLICY") && !c.accept("ROW ACCESS POLICY") {
        return Ok(None);
    }
    let policy = c.name()?;
    c.expect("ON")?;
    if *c.peek(0) != Token::LParen {
        return Err(c.unexpected());
    }
    Ok(Some(PolicyUse { policy, columns: name_list(c)? }))
}

/// A policy that the session may set: it holds APPLY on the policy, owns it, or may apply every policy of the account.
pub(super) fn policy(cx: &Cx<'_>, kind: Kind, name: &ObjectName) -> SfResult<(Arc<Object>, Policy)> {
    let everywhere = applies_all(cx, kind);
    let found = cx.find(kind, name)?;
    if !everywhere {
        cx.require(&found, "APPLY")?;
    }
    match &found.body {
        Body::MaskingPolicy(p) | Body::RowAccessPolicy(p) => Ok((found.clone(), p.clone())),
        _ => Err(SfError::no_operation()),
    }
}

/// Whether the session holds APPLY MASKING POLICY (or ROW ACCESS POLICY) on the account.
pub(super) fn applies_all(cx: &Cx<'_>, kind: Kind) -> bool {
    let privilege = format!("APPLY {}", kind.sql());
    cx.in_scope("ALTER", |s| s.account_privilege(&privilege))
}

/// The physical names of a policy's columns, whose types must be those of its arguments.
fn arguments(columns: &[ColumnDef], used: &PolicyUse, p: &Policy) -> SfResult<Vec<String>> {
    if used.columns.len() != p.args.len() {
        return Err(SfError::compile(
            "001506",
            "22023",
            format!("Policy '{}' has {} argument(s), got {}.", used.policy.last(), p.args.len(), used.columns.len()),
        ));
    }
    let mut out = Vec::new();
    for (name, (arg, ty)) in used.columns.iter().zip(&p.args) {
        let column = columns.iter().find(|c| c.name == *name);
        let column =
            column.ok_or_else(|| SfError::compile("000904", "42000", format!("invalid identifier '{name}'")))?;
        if column.ty.family() != ty.0.family() {
            return Err(SfError::compile(
                "001506",
                "22023",
                format!(
                    "Column '{name}' data type '{}' does not match with policy argument '{arg}' data type '{}'.",
                    column.ty.display(),
                    ty.0.display()
                ),
            ));
        }
        out.push(column.phys.clone());
    }
    Ok(out)
}

/// Sets a mask on a column.
///
/// # Errors
/// 002003, 003001, 000904, 001506; 003547 where the column has a mask.
pub fn mask(cx: &Cx<'_>, columns: &mut [ColumnDef], used: &PolicyUse) -> SfResult<()> {
    let (object, p) = policy(cx, Kind::MaskingPolicy, &used.policy)?;
    let args = arguments(columns, used, &p)?;
    for column in columns.iter_mut().filter(|c| Some(&c.name) == used.columns.first()) {
        if column.mask.is_some() {
            return Err(SfError::compile(
                "003547",
                "23505",
                "Specified column already attached to another masking policy. A column cannot be attached to multiple masking policies. Please drop the current association in order to attach a new masking policy.",
            ));
        }
        column.mask = Some(Mask { policy: object.id, args: args.clone() });
    }
    Ok(())
}

/// A row access policy for columns.
///
/// # Errors
/// 002003, 003001, 000904, 001506.
pub fn row(cx: &Cx<'_>, columns: &[ColumnDef], used: &PolicyUse) -> SfResult<RowPolicy> {
    let (object, p) = policy(cx, Kind::RowAccessPolicy, &used.policy)?;
    Ok(RowPolicy { policy: object.id, args: arguments(columns, used, &p)? })
}

/// Sets what CREATE TABLE says.
///
/// # Errors
/// As [`mask`] and [`row`].
pub fn set_on(cx: &Cx<'_>, table: &mut Table, specs: &[ColumnSpec], rows: Option<&PolicyUse>) -> SfResult<()> {
    for used in specs.iter().filter_map(|s| s.mask.as_ref()) {
        mask(cx, &mut table.columns, used)?;
    }
    if let Some(used) = rows {
        table.row_policy = Some(row(cx, &table.columns, used)?);
    }
    Ok(())
}

/// Whether the session may change policies of a table or view: it owns it, or may apply every policy of the account.
///
/// # Errors
/// 003001.
pub(super) fn require(cx: &Cx<'_>, kind: Kind, object: &Object) -> SfResult<()> {
    if applies_all(cx, kind) { Ok(()) } else { cx.require(object, "OWNERSHIP") }
}

/// Whether the policy is visible, to be named in a listing.
pub(super) fn seen(cx: &Cx<'_>, id: i64) -> Option<Arc<Object>> {
    let catalog = cx.catalog();
    let found = catalog.by_id(id).filter(|o| o.dropped_ms.is_none())?.clone();
    let all = applies_all(cx, found.kind()) || access::has_any_privilege(&catalog, &cx.roles(), &found);
    (all || cx.in_scope("SHOW", |s| s.sees(&found))).then_some(found)
}
