//! Expressions.

use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::binder::Binder;
use super::cast::{self, Mode};
use super::functions::variant::{self, PathStep};
use super::scope::{Scope, fold, place};
use super::{Bound, Env, arith, compare, literal};
use sqlparser::ast::{
    self, AccessExpr, BinaryOperator as Op, CastKind, Expr, Ident, JsonPathElem, Subscript, UnaryOperator, Value,
};

impl Binder<'_, '_> {
    /// Binds an expression.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn expr(&mut self, e: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
        self.deeper(|b| match b.as_key(e, scope)? {
            Some(key) => Ok(key),
            None => b.expr_inner(e, scope),
        })
    }

    /// In a grouped SELECT, an expression that is one of the keys stands for it as a whole.
    fn as_key(&mut self, e: &Expr, scope: &Scope<'_>) -> SfResult<Option<Bound>> {
        let Some(keys) = &scope.keys else { return Ok(None) };
        if matches!(e, Expr::Value(_) | Expr::Nested(_)) || super::grouping::has_aggregate(e) {
            return Ok(None);
        }
        let free = scope.ungrouped();
        match self.expr_inner(e, &free) {
            Ok(bound) if keys.contains(&bound.sql) => Ok(Some(bound)),
            _ => Ok(None),
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm per kind of expression: a table, not a procedure")]
    fn expr_inner(&mut self, e: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
        match e {
            Expr::Nested(inner) => self.expr(inner, scope),
            Expr::Identifier(ident) => self.column(std::slice::from_ref(ident), scope),
            Expr::CompoundIdentifier(parts) => self.column(parts, scope),
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, scope),
            Expr::JsonAccess { value, path } => {
                let base = self.expr(value, scope)?;
                let steps = self.steps(&path.path, scope)?;
                Ok(variant::path(&as_variant(&base, &self.env)?, &steps))
            }
            Expr::Value(v) => match literal::literal(&v.value)? {
                Some(bound) => Ok(bound),
                None => self.placeholder(&v.value, scope),
            },
            Expr::TypedString(t) => {
                let text = t.value.clone().into_string().unwrap_or_default();
                cast::cast(&Bound::text(&text), Ty::from_ast(&t.data_type)?, Mode::Explicit, &self.env)
            }
            Expr::Cast { kind, expr, data_type, format: None } => self.cast(kind, expr, data_type, scope),
            Expr::Convert { is_try, expr, data_type: Some(ty), .. } => {
                let kind = if *is_try { CastKind::TryCast } else { CastKind::Cast };
                self.cast(&kind, expr, ty, scope)
            }
            Expr::UnaryOp { op, expr } => self.unary(*op, expr, scope),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, scope),
            Expr::IsNull(x) => self.suffix(x, "IS NULL", scope),
            Expr::IsNotNull(x) => self.suffix(x, "IS NOT NULL", scope),
            Expr::IsTrue(x) => self.truth(x, "IS TRUE", scope),
            Expr::IsNotTrue(x) => self.truth(x, "IS NOT TRUE", scope),
            Expr::IsFalse(x) => self.truth(x, "IS FALSE", scope),
            Expr::IsNotFalse(x) => self.truth(x, "IS NOT FALSE", scope),
            Expr::IsUnknown(x) => self.truth(x, "IS NULL", scope),
            Expr::IsNotUnknown(x) => self.truth(x, "IS NOT NULL", scope),
            Expr::IsDistinctFrom(a, b) => self.comparison(a, "IS DISTINCT FROM", b, scope),
            Expr::IsNotDistinctFrom(a, b) => self.comparison(a, "IS NOT DISTINCT FROM", b, scope),
            Expr::Between { expr, negated, low, high } => {
                let (x, lo, hi) = (self.expr(expr, scope)?, self.expr(low, scope)?, self.expr(high, scope)?);
                let from = compare::compare(&x, ">=", &lo, &self.env)?;
                let to = compare::compare(&x, "<=", &hi, &self.env)?;
                let not = if *negated { "NOT " } else { "" };
                Ok(boolean(format!("({not}({} AND {}))", from.sql, to.sql), [&x, &lo, &hi]))
            }
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated, scope),
            Expr::InSubquery { expr, subquery, negated } => self.in_subquery(expr, subquery, *negated, scope),
            Expr::Exists { subquery, negated } => {
                let (sql, _) = self.query(subquery, Some(scope))?;
                let not = if *negated { "NOT " } else { "" };
                Ok(Bound { nullable: false, ..Bound::new(format!("({not}EXISTS ({sql}))"), Ty::Boolean) })
            }
            Expr::Subquery(query) => {
                let (sql, fields) = self.query(query, Some(scope))?;
                match fields.as_slice() {
                    [one] => Ok(Bound::new(format!("({sql})"), one.ty)),
                    _ => Err(SfError::compile("002031", "42601", "Unsupported subquery type cannot be evaluated")),
                }
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), scope)
            }
            Expr::Like { negated, any, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_deref(), (*negated, *any, "LIKE"), scope)
            }
            Expr::ILike { negated, any, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_deref(), (*negated, *any, "ILIKE"), scope)
            }
            Expr::RLike { negated, expr, pattern, .. } => {
                let hit = self.call_exprs("REGEXP_LIKE", &[expr, pattern], scope)?;
                Ok(if *negated { Bound { sql: format!("(NOT {})", hit.sql), ..hit } } else { hit })
            }
            Expr::AnyOp { left, compare_op, right, .. } => self.quantified(left, compare_op, "ANY", right, scope),
            Expr::AllOp { left, compare_op, right } => self.quantified(left, compare_op, "ALL", right, scope),
            Expr::Extract { field, expr, .. } => {
                let part = Bound::text(&field.to_string());
                let x = self.expr(expr, scope)?;
                self.call_bound("DATE_PART", vec![part, x])
            }
            Expr::Ceil { expr, field } => self.rounding("CEIL", expr, field, scope),
            Expr::Floor { expr, field } => self.rounding("FLOOR", expr, field, scope),
            Expr::Position { expr, r#in } => self.call_exprs("POSITION", &[expr, r#in], scope),
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let mut args = vec![&**expr];
                args.extend(substring_from.as_deref());
                args.extend(substring_for.as_deref());
                self.call_exprs("SUBSTR", &args, scope)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let name = match trim_where {
                    Some(ast::TrimWhereField::Leading) => "LTRIM",
                    Some(ast::TrimWhereField::Trailing) => "RTRIM",
                    _ => "TRIM",
                };
                let mut args = vec![&**expr];
                args.extend(trim_what.as_deref());
                args.extend(trim_characters.iter().flatten());
                self.call_exprs(name, &args, scope)
            }
            Expr::Collate { expr, collation } => {
                let x = self.expr(expr, scope)?;
                let name = collation.to_string();
                self.call_bound("COLLATE", vec![x, Bound::text(name.trim_matches(['\'', '"']))])
            }
            Expr::Function(f) => self.function(f, scope),
            Expr::Interval(_) => Err(SfError::unsupported("INTERVAL outside of addition and subtraction")),
            Expr::Array(array) => {
                let items: Vec<&Expr> = array.elem.iter().collect();
                self.call_exprs("ARRAY_CONSTRUCT", &items, scope)
            }
            Expr::Dictionary(fields) => {
                let mut args = Vec::new();
                for f in fields {
                    args.push(Bound::text(&f.key.value));
                    args.push(self.expr(&f.value, scope)?);
                }
                self.call_bound("OBJECT_CONSTRUCT", args)
            }
            Expr::Prior(inner) => self.prior_of(inner),
            Expr::Prefixed { .. } => super::connect::root_of(e, scope),
            Expr::Tuple(items) if items.len() == 1 => self.expr(&items[0], scope),
            other => Err(SfError::unsupported(&format!("expression {other}"))),
        }
    }

    /// A column, an alias, a script or session variable, `seq.NEXTVAL`, or a path into a VARIANT column written with dots.
    fn column(&mut self, parts: &[Ident], scope: &Scope<'_>) -> SfResult<Bound> {
        let names: Vec<String> = parts.iter().map(fold).collect();
        let (last, qualifier) = names.split_last().ok_or_else(|| SfError::internal("empty name"))?;
        let mut around = Some(scope);
        while let Some(s) = around {
            if let Some((_, col)) = s.column(qualifier, last)? {
                if s.keys.as_ref().is_some_and(|k| !k.contains(&col.sql)) {
                    return Err(SfError::compile(
                        "000979",
                        "42601",
                        format!(
                            "'{}' in select clause is neither an aggregate nor in the group by clause.",
                            shown(s, &col.name, qualifier)
                        ),
                    ));
                }
                return Ok(Bound::from(col));
            }
            if let Some(col) = numbered(s, qualifier, last) {
                return Ok(col);
            }
            if qualifier.is_empty()
                && let Some(item) = s.alias(last)
            {
                s.busy.borrow_mut().push(last.clone());
                let bound = self.expr(&item, s);
                s.busy.borrow_mut().pop();
                return bound;
            }
            around = s.parent;
        }
        if last == "NEXTVAL" && !qualifier.is_empty() {
            return self.next_value(qualifier);
        }
        if let Some(value) = self.variable(&names) {
            return Ok(value);
        }
        if qualifier.is_empty()
            && parts[0].quote_style.is_none()
            && matches!(
                last.as_str(),
                "CURRENT_DATE"
                    | "CURRENT_TIME"
                    | "CURRENT_TIMESTAMP"
                    | "CURRENT_USER"
                    | "LOCALTIME"
                    | "LOCALTIMESTAMP"
                    | "SYSDATE"
            )
        {
            return self.call_bound(last, Vec::new());
        }
        let (line, position) = place(&parts[0]);
        let shown: Vec<String> = parts.iter().map(|p| super::super::catalog::quote_ident(&fold(p))).collect();
        Err(SfError::invalid_identifier(&shown.join("."), line, position))
    }

    /// `seq.NEXTVAL`.
    fn next_value(&mut self, qualifier: &[String]) -> SfResult<Bound> {
        let name = super::super::catalog::ObjectName(qualifier.to_vec());
        let sequence = self.find(super::super::catalog::Kind::Sequence, &name)?;
        self.require(&sequence, "USAGE")?;
        let sql = format!("CAST(nextval('d.s{}') AS DECIMAL(38,0))", sequence.id);
        Ok(Bound { nullable: false, ..Bound::new(sql, Ty::INT) })
    }

    /// A script variable by name.
    fn variable(&self, names: &[String]) -> Option<Bound> {
        self.cx.s.script.iter().rev().find_map(|frame| frame.get(&names.join("."))).cloned()
    }

    /// `?` (numbered by the cursor), `:1`, `:name`, `$name`, `$1`.
    fn placeholder(&mut self, value: &Value, scope: &Scope<'_>) -> SfResult<Bound> {
        let Value::Placeholder(text) = value else { return Err(SfError::internal("not a placeholder")) };
        if let Some(number) = text.strip_prefix('?') {
            return self.bind_value(number);
        }
        if let Some(name) = text.strip_prefix(':') {
            if let Some(v) = self.variable(&[name.to_ascii_uppercase()]) {
                return Ok(v);
            }
            return self.bind_value(name);
        }
        let name = text.strip_prefix('$').unwrap_or(text);
        let mut around = Some(scope);
        while let Some(s) = around {
            if let Some((_, col)) = s.column(&[], text)? {
                return Ok(Bound::from(col));
            }
            if let Ok(n) = name.parse::<usize>()
                && let Some(rel) = s.rels.first()
                && let Some(col) = n.checked_sub(1).and_then(|i| rel.cols.iter().filter(|c| !c.hidden).nth(i))
            {
                return Ok(Bound::from(col));
            }
            around = s.parent;
        }
        self.cx.s.vars.get(&name.to_ascii_uppercase()).cloned().ok_or_else(|| {
            SfError::compile(
                "001091",
                "42601",
                format!("Session variable '${}' does not exist", name.to_ascii_uppercase()),
            )
        })
    }

    fn access(&mut self, root: &Expr, chain: &[AccessExpr], scope: &Scope<'_>) -> SfResult<Bound> {
        let mut base = self.expr(root, scope)?;
        let mut steps = Vec::new();
        for link in chain {
            steps.push(match link {
                AccessExpr::Dot(Expr::Identifier(i)) => PathStep::Key(i.value.clone()),
                AccessExpr::Subscript(Subscript::Index { index }) => self.step(index, scope)?,
                other => return Err(SfError::unsupported(&format!("access {other}"))),
            });
        }
        base = as_variant(&base, &self.env)?;
        Ok(variant::path(&base, &steps))
    }

    fn steps(&mut self, path: &[JsonPathElem], scope: &Scope<'_>) -> SfResult<Vec<PathStep>> {
        path.iter()
            .map(|element| match element {
                JsonPathElem::Dot { key, .. } => Ok(PathStep::Key(key.clone())),
                JsonPathElem::Bracket { key } | JsonPathElem::ColonBracket { key } => self.step(key, scope),
            })
            .collect()
    }

    fn step(&mut self, index: &Expr, scope: &Scope<'_>) -> SfResult<PathStep> {
        if let Expr::Value(v) = index {
            if let Value::SingleQuotedString(s) = &v.value {
                return Ok(PathStep::Key(s.clone()));
            }
            if let Value::Number(n, _) = &v.value
                && let Ok(n) = n.parse()
            {
                return Ok(PathStep::Index(n));
            }
        }
        Ok(PathStep::Expr(self.expr(index, scope)?))
    }

    fn cast(&mut self, kind: &CastKind, e: &Expr, ty: &ast::DataType, scope: &Scope<'_>) -> SfResult<Bound> {
        let inner = self.expr(e, scope)?;
        let to = Ty::from_ast(ty)?;
        let mode = match kind {
            CastKind::TryCast | CastKind::SafeCast => Mode::Try,
            CastKind::Cast | CastKind::DoubleColon => Mode::Explicit,
        };
        cast::cast(&inner, to, mode, &self.env)
    }

    fn unary(&mut self, op: UnaryOperator, e: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
        if op == UnaryOperator::Minus
            && let Expr::Value(v) = e
            && let Value::Number(n, _) = &v.value
            && let Some(b) = literal::literal(&v.value)?
        {
            let sql = b.sql.replacen(&format!("'{n}'"), &format!("'-{n}'"), 1);
            let sql = if sql == b.sql { format!("(-{})", b.sql) } else { sql };
            return Ok(Bound { sql, literal: Some(format!("-{n}")), ..b });
        }
        let x = self.expr(e, scope)?;
        match op {
            UnaryOperator::Not => {
                let x = condition(&x, &self.env)?;
                Ok(Bound { sql: format!("(NOT {})", x.sql), ..x })
            }
            UnaryOperator::Minus => {
                let x = if x.ty.is_numeric() { x } else { cast::cast(&x, Ty::INT, Mode::Explicit, &self.env)? };
                Ok(Bound { sql: format!("(-{})", x.sql), literal: None, ..x })
            }
            UnaryOperator::Plus => Ok(x),
            other => Err(SfError::unsupported(&format!("operator {other}"))),
        }
    }

    fn binary(&mut self, left: &Expr, op: &Op, right: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
        if let (Op::Plus | Op::Minus, Expr::Interval(interval)) = (op, right) {
            let x = self.expr(left, scope)?;
            return super::interval::add(self, x, interval, *op == Op::Minus);
        }
        let word = match op {
            Op::Eq => "=",
            Op::NotEq => "<>",
            Op::Lt => "<",
            Op::LtEq => "<=",
            Op::Gt => ">",
            Op::GtEq => ">=",
            Op::Spaceship => "IS NOT DISTINCT FROM",
            _ => "",
        };
        if !word.is_empty() {
            return self.comparison(left, word, right, scope);
        }
        if matches!(op, Op::And | Op::Or | Op::StringConcat) {
            return self.chain(left, op, right, scope);
        }
        let (a, b) = (self.expr(left, scope)?, self.expr(right, scope)?);
        match op {
            Op::Xor => self.call_bound("BOOLXOR", vec![a, b]),
            Op::Plus => arith::binary(arith::Arith::Add, &a, &b, &self.env),
            Op::Minus => arith::binary(arith::Arith::Sub, &a, &b, &self.env),
            Op::Multiply => arith::binary(arith::Arith::Mul, &a, &b, &self.env),
            Op::Divide => arith::binary(arith::Arith::Div, &a, &b, &self.env),
            Op::Modulo => arith::binary(arith::Arith::Mod, &a, &b, &self.env),
            other => Err(SfError::unsupported(&format!("operator {other}"))),
        }
    }

    /// `a AND b AND c …`, `a || b || c …`: long chains are bound as one, so that their length is no depth.
    fn chain(&mut self, left: &Expr, op: &Op, right: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
        let mut items = vec![right];
        let mut rest = left;
        while let Expr::BinaryOp { left, op: inner, right } = rest
            && inner == op
        {
            items.push(right);
            rest = left;
        }
        items.push(rest);
        let bound = items.iter().rev().map(|e| self.expr(e, scope)).collect::<SfResult<Vec<_>>>()?;
        if *op == Op::StringConcat {
            return self.call_bound("CONCAT", bound);
        }
        let word = if *op == Op::And { " AND " } else { " OR " };
        let bound = bound.iter().map(|b| condition(b, &self.env)).collect::<SfResult<Vec<_>>>()?;
        let parts: Vec<&str> = bound.iter().map(|b| b.sql.as_str()).collect();
        Ok(boolean(format!("({})", parts.join(word)), &bound))
    }

    fn comparison(&mut self, left: &Expr, op: &str, right: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
        if let (Expr::Tuple(a), Expr::Tuple(b)) = (left, right)
            && a.len() == b.len()
        {
            let mut parts = Vec::new();
            for (x, y) in a.iter().zip(b) {
                parts.push(self.comparison(x, "=", y, scope)?.sql);
            }
            let not = if op == "<>" { "NOT " } else { "" };
            return Ok(Bound::new(format!("({not}({}))", parts.join(" AND ")), Ty::Boolean));
        }
        let (a, b) = (self.expr(left, scope)?, self.expr(right, scope)?);
        compare::compare(&a, op, &b, &self.env)
    }

    fn suffix(&mut self, e: &Expr, suffix: &str, scope: &Scope<'_>) -> SfResult<Bound> {
        let x = self.expr(e, scope)?;
        Ok(Bound { nullable: false, ..Bound::new(format!("({} {suffix})", x.sql), Ty::Boolean) })
    }

    fn truth(&mut self, e: &Expr, suffix: &str, scope: &Scope<'_>) -> SfResult<Bound> {
        let x = self.expr(e, scope)?;
        let x = condition(&x, &self.env)?;
        Ok(Bound { nullable: false, ..Bound::new(format!("({} {suffix})", x.sql), Ty::Boolean) })
    }

    fn in_list(&mut self, e: &Expr, list: &[Expr], negated: bool, scope: &Scope<'_>) -> SfResult<Bound> {
        let mut hits = Vec::new();
        let mut all = Vec::new();
        if matches!(e, Expr::Tuple(t) if t.len() > 1) {
            for item in list {
                hits.push(self.comparison(e, "=", item, scope)?.sql);
            }
        } else {
            let x = self.expr(e, scope)?;
            for item in list {
                let y = self.expr(item, scope)?;
                hits.push(compare::compare(&x, "=", &y, &self.env)?.sql);
                all.push(y);
            }
            all.push(x);
        }
        let not = if negated { "NOT " } else { "" };
        Ok(boolean(format!("({not}({}))", hits.join(" OR ")), all.iter()))
    }

    fn in_subquery(&mut self, e: &Expr, query: &ast::Query, negated: bool, scope: &Scope<'_>) -> SfResult<Bound> {
        let items: Vec<&Expr> = match e {
            Expr::Tuple(items) => items.iter().collect(),
            one => vec![one],
        };
        let (sql, fields) = self.query(query, Some(scope))?;
        if fields.len() != items.len() {
            return Err(SfError::compile("002031", "42601", "Unsupported subquery type cannot be evaluated"));
        }
        let alias = self.alias("i");
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (i, (item, field)) in items.iter().zip(&fields).enumerate() {
            let x = self.expr(item, scope)?;
            let y = Bound::new(format!("{alias}.c{}", i + 1), field.ty);
            let (x, y) = compare::unify(&x, &y, &self.env)?;
            left.push(x.sql);
            right.push(y.sql);
        }
        let tuple = |v: &[String]| if v.len() == 1 { v[0].clone() } else { format!("({})", v.join(", ")) };
        let not = if negated { "NOT " } else { "" };
        let list = right.join(", ");
        Ok(Bound::new(format!("({} {not}IN (SELECT {list} FROM ({sql}) AS {alias}))", tuple(&left)), Ty::Boolean))
    }

    fn quantified(&mut self, left: &Expr, op: &Op, word: &str, right: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
        let Expr::Subquery(query) = right else {
            return Err(SfError::unsupported(&format!("{word} over a list")));
        };
        let x = self.expr(left, scope)?;
        let (sql, fields) = self.query(query, Some(scope))?;
        let ty = fields.first().map_or(Ty::Null, |f| f.ty);
        let alias = self.alias("i");
        let (x, y) = compare::unify(&x, &Bound::new(format!("{alias}.c1"), ty), &self.env)?;
        Ok(Bound::new(format!("({} {op} {word} (SELECT {} FROM ({sql}) AS {alias}))", x.sql, y.sql), Ty::Boolean))
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        whens: &[ast::CaseWhen],
        otherwise: Option<&Expr>,
        scope: &Scope<'_>,
    ) -> SfResult<Bound> {
        let subject = operand.map(|o| self.expr(o, scope)).transpose()?;
        let (mut conditions, mut results) = (Vec::new(), Vec::new());
        for when in whens {
            let c = self.expr(&when.condition, scope)?;
            conditions.push(match &subject {
                Some(s) => compare::compare(s, "=", &c, &self.env)?,
                None => condition(&c, &self.env)?,
            });
            results.push(self.expr(&when.result, scope)?);
        }
        results.push(otherwise.map_or_else(|| Ok(Bound::null()), |e| self.expr(e, scope))?);
        let ty = super::common_type(&results.iter().map(|r| r.ty).collect::<Vec<_>>())?;
        let results: Vec<Bound> =
            results.iter().map(|r| cast::cast(r, ty, Mode::Explicit, &self.env)).collect::<SfResult<_>>()?;
        let arms: String =
            conditions.iter().zip(&results).map(|(c, r)| format!(" WHEN {} THEN {}", c.sql, r.sql)).collect();
        let last = results.last().map_or("NULL", |r| r.sql.as_str());
        let nullable = results.iter().any(|r| r.nullable);
        let sql = if ty == Ty::Null {
            "NULL".to_owned()
        } else {
            format!("CAST(CASE{arms} ELSE {last} END AS {})", ty.duck())
        };
        Ok(Bound { sql, ty, nullable, literal: None })
    }

    fn rounding(&mut self, name: &str, e: &Expr, field: &ast::CeilFloorKind, scope: &Scope<'_>) -> SfResult<Bound> {
        let x = self.expr(e, scope)?;
        match field {
            ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) => self.call_bound(name, vec![x]),
            ast::CeilFloorKind::Scale(v) => {
                let scale = literal::literal(&v.value)?.unwrap_or_else(Bound::null);
                self.call_bound(name, vec![x, scale])
            }
            ast::CeilFloorKind::DateTimeField(other) => Err(SfError::unsupported(&format!("{name} TO {other}"))),
        }
    }
}

/// `t.$2`: a relation's column by its place.
fn numbered(scope: &Scope<'_>, qualifier: &[String], name: &str) -> Option<Bound> {
    let n: usize = name.strip_prefix('$')?.parse().ok()?;
    let rel = scope.rels.iter().find(|r| r.is(qualifier))?;
    rel.cols.iter().filter(|c| !c.hidden).nth(n.checked_sub(1)?).map(Bound::from)
}

/// The name that an error about grouping prints.
fn shown(scope: &Scope<'_>, column: &str, qualifier: &[String]) -> String {
    let owner = scope
        .rels
        .iter()
        .find(|r| (qualifier.is_empty() || r.is(qualifier)) && r.cols.iter().any(|c| c.name == column))
        .and_then(|r| r.name.last());
    owner.map_or_else(|| column.to_owned(), |t| format!("{t}.{column}"))
}

/// A BOOLEAN out of whatever stands in a condition.
///
/// # Errors
/// Where it cannot be one.
pub fn condition(x: &Bound, env: &Env) -> SfResult<Bound> {
    if x.ty == Ty::Null {
        return Ok(Bound::new("CAST(NULL AS BOOLEAN)", Ty::Boolean));
    }
    cast::cast(x, Ty::Boolean, Mode::Explicit, env)
}

/// Text out of anything.
///
/// # Errors
/// Where it cannot be text.
pub fn text(x: &Bound, env: &Env) -> SfResult<Bound> {
    if x.ty.is_text() { Ok(x.clone()) } else { cast::cast(x, Ty::TEXT, Mode::Explicit, env) }
}

/// A VARIANT out of a semi-structured value; other types have no paths.
fn as_variant(x: &Bound, _env: &Env) -> SfResult<Bound> {
    if x.ty.is_semi() || x.ty == Ty::Null {
        return Ok(x.clone());
    }
    Err(SfError::compile(
        "001044",
        "42P13",
        format!("Invalid argument types for function 'GET': ({}, VARCHAR)", x.ty.display()),
    ))
}

/// A BOOLEAN that is NULL only where a part is.
fn boolean<'b>(sql: String, parts: impl IntoIterator<Item = &'b Bound>) -> Bound {
    Bound { sql, ty: Ty::Boolean, nullable: parts.into_iter().any(|p| p.nullable), literal: None }
}
