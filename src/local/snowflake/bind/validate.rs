//! `TABLE(VALIDATE(t, JOB_ID => …))`: the errors of a COPY that has run.

use super::super::catalog::Kind;
use super::super::error::{SfError, SfResult};
use super::super::sql::Cursor;
use super::super::stmt::stage::copy;
use super::binder::Binder;
use super::from::Source;
use super::scope::{Rel, Scope, fold};
use super::table_fn::wire_cell;
use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, TableAlias};

impl Binder<'_, '_> {
    /// VALIDATE: its first argument is a table's name, not an expression.
    ///
    /// # Errors
    /// 000938 for missing arguments, 002003, 003001, 000709 for a COPY that is not known.
    pub fn validate_copy(
        &mut self,
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        scope: &Scope<'_>,
    ) -> SfResult<(Source, Rel)> {
        let few = || SfError::compile("000938", "22023", "not enough arguments for function [VALIDATE()], expected 2");
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(table)), job] = args else { return Err(few()) };
        let job = match job {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => e,
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(e), .. } if fold(name) == "JOB_ID" => e,
            FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(e), .. }
                if fold(name) == "JOB_ID" =>
            {
                e
            }
            other => return Err(SfError::unsupported(&format!("argument {other} of VALIDATE"))),
        };
        let job = match job {
            Expr::Identifier(word) => word.value.clone(),
            e => {
                let value = self.expr(e, scope)?;
                self.constant_text(&value)?
            }
        };
        let name = Cursor::new(&table.to_string())?.name()?;
        let table = self.find(Kind::Table, &name)?;
        self.require(&table, "SELECT")?;
        let rows = copy::validate_again(self.cx, table.id, &job)?;
        self.rows(&copy::validate_fields(), &rows, wire_cell, alias, "VALIDATE")
    }
}
