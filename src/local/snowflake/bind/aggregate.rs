//! Aggregate and window functions.

use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::arith::quotient;
use super::cast::{Mode, cast, to_variant};
use super::{Bound, Env};

/// Stands in a bound call where ` OVER (…)` or ` FILTER (…)` goes; the expression binder replaces every one.
pub const OVER: char = '\u{1}';

/// A call to bind.
pub struct AggCall<'a> {
    /// The function's name, upper case.
    pub name: &'a str,
    /// Arguments; none for COUNT(*).
    pub args: Vec<Bound>,
    /// COUNT(*).
    pub star: bool,
    /// DISTINCT.
    pub distinct: bool,
    /// WITHIN GROUP (ORDER BY …): DuckDB order items, `x DESC NULLS FIRST`.
    pub order_by: Vec<String>,
    /// WITHIN GROUP's keys, and whether each is in descending order.
    pub order_keys: Vec<(Bound, bool)>,
    /// Called with OVER.
    pub window: bool,
    /// IGNORE NULLS.
    pub ignore_nulls: bool,
    /// The session and the statement.
    pub env: &'a Env,
}

/// Translates a call. The result holds [`OVER`] right behind each of DuckDB's calls.
pub type BindFn = fn(&AggCall<'_>) -> SfResult<Bound>;

/// One aggregate or window function.
pub struct Aggregate {
    /// Name, upper case.
    pub name: &'static str,
    /// Needs OVER.
    pub window_only: bool,
    /// Fewest and most arguments.
    arity: (usize, usize),
    /// Translation.
    pub bind: BindFn,
}

const fn agg(name: &'static str, min: usize, max: usize, bind: BindFn) -> Aggregate {
    Aggregate { name, window_only: false, arity: (min, max), bind }
}

const fn window(name: &'static str, min: usize, max: usize, bind: BindFn) -> Aggregate {
    Aggregate { name, window_only: true, arity: (min, max), bind }
}

const MANY: usize = 1_000;
const COUNT: Ty = Ty::Number { p: 18, s: 0 };

/// Every aggregate and window function.
const TABLE: &[Aggregate] = &[
    agg("COUNT", 0, MANY, count),
    agg("COUNT_IF", 1, 1, |c| Ok(counted(c, &format!("count(CASE WHEN {} THEN 1 END)", c.to(0, Ty::Boolean)?)))),
    agg("SUM", 1, 1, sum),
    agg("AVG", 1, 1, avg),
    agg("MIN", 1, 1, |c| kept(c, "min")),
    agg("MAX", 1, 1, |c| kept(c, "max")),
    agg("ANY_VALUE", 1, 1, |c| kept(c, "any_value")),
    agg("MODE", 1, 1, |c| kept(c, "mode")),
    agg("MEDIAN", 1, 1, median),
    agg("STDDEV", 1, 1, |c| real(c, "stddev_samp")),
    agg("STDDEV_SAMP", 1, 1, |c| real(c, "stddev_samp")),
    agg("STDDEV_POP", 1, 1, |c| real(c, "stddev_pop")),
    agg("VARIANCE", 1, 1, |c| real(c, "var_samp")),
    agg("VARIANCE_SAMP", 1, 1, |c| real(c, "var_samp")),
    agg("VAR_SAMP", 1, 1, |c| real(c, "var_samp")),
    agg("VARIANCE_POP", 1, 1, |c| real(c, "var_pop")),
    agg("VAR_POP", 1, 1, |c| real(c, "var_pop")),
    agg("KURTOSIS", 1, 1, |c| real(c, "kurtosis")),
    agg("SKEW", 1, 1, |c| real(c, "skewness")),
    agg("CORR", 2, 2, |c| real(c, "corr")),
    agg("COVAR_POP", 2, 2, |c| real(c, "covar_pop")),
    agg("COVAR_SAMP", 2, 2, |c| real(c, "covar_samp")),
    agg("REGR_SLOPE", 2, 2, |c| real(c, "regr_slope")),
    agg("REGR_INTERCEPT", 2, 2, |c| real(c, "regr_intercept")),
    agg("REGR_R2", 2, 2, |c| real(c, "regr_r2")),
    agg("REGR_AVGX", 2, 2, |c| real(c, "regr_avgx")),
    agg("REGR_AVGY", 2, 2, |c| real(c, "regr_avgy")),
    agg("REGR_SXX", 2, 2, |c| real(c, "regr_sxx")),
    agg("REGR_SYY", 2, 2, |c| real(c, "regr_syy")),
    agg("REGR_SXY", 2, 2, |c| real(c, "regr_sxy")),
    agg("REGR_COUNT", 2, 2, |c| Ok(counted(c, &format!("regr_count({}, {})", c.float(0)?, c.float(1)?)))),
    agg("LISTAGG", 1, 2, listagg),
    agg("STRING_AGG", 1, 2, listagg),
    agg("ARRAY_AGG", 1, 1, array_agg),
    agg("ARRAYAGG", 1, 1, array_agg),
    agg("ARRAY_UNIQUE_AGG", 1, 1, array_agg),
    agg("OBJECT_AGG", 2, 2, object_agg),
    agg("MIN_BY", 2, 3, |c| by(c, "arg_min_null")),
    agg("MAX_BY", 2, 3, |c| by(c, "arg_max_null")),
    agg("BOOLAND_AGG", 1, 1, |c| c.call("bool_and", &c.to(0, Ty::Boolean)?, Ty::Boolean)),
    agg("BOOLOR_AGG", 1, 1, |c| c.call("bool_or", &c.to(0, Ty::Boolean)?, Ty::Boolean)),
    agg("BOOLXOR_AGG", 1, 1, |c| {
        let sql = format!("(count(CASE WHEN {} THEN 1 END){OVER} = 1)", c.to(0, Ty::Boolean)?);
        Ok(Bound::new(sql, Ty::Boolean))
    }),
    agg("BITAND_AGG", 1, 1, |c| bits(c, "bit_and")),
    agg("BITOR_AGG", 1, 1, |c| bits(c, "bit_or")),
    agg("BITXOR_AGG", 1, 1, |c| bits(c, "bit_xor")),
    agg("BITANDAGG", 1, 1, |c| bits(c, "bit_and")),
    agg("BIT_AND_AGG", 1, 1, |c| bits(c, "bit_and")),
    agg("BITORAGG", 1, 1, |c| bits(c, "bit_or")),
    agg("BIT_OR_AGG", 1, 1, |c| bits(c, "bit_or")),
    agg("BITXORAGG", 1, 1, |c| bits(c, "bit_xor")),
    agg("BIT_XOR_AGG", 1, 1, |c| bits(c, "bit_xor")),
    agg("APPROX_COUNT_DISTINCT", 1, 1, |c| Ok(counted(c, &format!("count(DISTINCT {})", c.arg(0)?.sql)))),
    agg("HLL", 1, 1, |c| Ok(counted(c, &format!("count(DISTINCT {})", c.arg(0)?.sql)))),
    agg("HASH_AGG", 1, MANY, hash_agg),
    agg("PERCENTILE_CONT", 1, 1, |c| percentile(c, "quantile_cont")),
    agg("PERCENTILE_DISC", 1, 1, |c| percentile(c, "quantile_disc")),
    agg("APPROX_PERCENTILE", 2, 2, |c| {
        c.call("quantile_cont", &format!("{}, {}", c.float(0)?, c.arg(1)?.sql), Ty::Float)
    }),
    window("ROW_NUMBER", 0, 0, |c| Ok(counted(c, "row_number()"))),
    window("RANK", 0, 0, |c| Ok(counted(c, "rank()"))),
    window("DENSE_RANK", 0, 0, |c| Ok(counted(c, "dense_rank()"))),
    window("PERCENT_RANK", 0, 0, |c| c.call("percent_rank", "", Ty::Float)),
    window("CUME_DIST", 0, 0, |c| c.call("cume_dist", "", Ty::Float)),
    window("NTILE", 1, 1, |c| Ok(counted(c, &format!("ntile(CAST({} AS BIGINT))", c.to(0, Ty::INT)?)))),
    window("LAG", 1, 3, |c| neighbour(c, "lag")),
    window("LEAD", 1, 3, |c| neighbour(c, "lead")),
    window("FIRST_VALUE", 1, 1, |c| edge(c, "first_value")),
    window("LAST_VALUE", 1, 1, |c| edge(c, "last_value")),
    window("NTH_VALUE", 2, 2, |c| edge(c, "nth_value")),
    window("RATIO_TO_REPORT", 1, 1, ratio),
    window("CONDITIONAL_TRUE_EVENT", 1, 1, |c| {
        Ok(counted(c, &format!("count(CASE WHEN {} THEN 1 END)", c.to(0, Ty::Boolean)?)))
    }),
    window("CONDITIONAL_CHANGE_EVENT", 1, 1, |_| Err(SfError::unsupported("CONDITIONAL_CHANGE_EVENT"))),
];

/// Every function's name.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|f| f.name)
}

/// Looks one up by its upper-case name.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Aggregate> {
    TABLE.iter().find(|f| f.name == name)
}

/// An aggregate of one argument without a window.
///
/// # Errors
/// What the function refuses.
pub fn plain(name: &str, x: Bound, distinct: bool, env: &Env) -> SfResult<Bound> {
    let found = lookup(name).ok_or_else(|| SfError::compile("002140", "42601", format!("Unknown function {name}")))?;
    let call = AggCall {
        name,
        args: vec![x],
        star: false,
        distinct,
        order_by: Vec::new(),
        order_keys: Vec::new(),
        window: false,
        ignore_nulls: false,
        env,
    };
    let bound = found.call(&call)?;
    Ok(Bound { sql: bound.sql.replace(OVER, ""), ..bound })
}

impl Aggregate {
    /// Binds a call after checking its arity.
    ///
    /// # Errors
    /// 000938/000939 for too few or too many arguments; what the function refuses.
    pub fn call(&self, c: &AggCall<'_>) -> SfResult<Bound> {
        let n = c.args.len();
        let (min, max) = self.arity;
        if n < min || n > max {
            let (code, word, expected) =
                if n < min { ("000938", "not enough", min) } else { ("000939", "too many", max) };
            let text = format!("{word} arguments for function [{}], expected {expected}, got {n}", self.name);
            return Err(SfError::compile(code, "22023", text));
        }
        (self.bind)(c)
    }
}

impl AggCall<'_> {
    fn arg(&self, i: usize) -> SfResult<&Bound> {
        self.args.get(i).ok_or_else(|| {
            SfError::compile("000938", "22023", format!("not enough arguments for function [{}]", self.name))
        })
    }

    fn to(&self, i: usize, ty: Ty) -> SfResult<String> {
        Ok(cast(self.arg(i)?, ty, Mode::Explicit, self.env)?.sql)
    }

    fn float(&self, i: usize) -> SfResult<String> {
        self.to(i, Ty::Float)
    }

    /// NUMBER or FLOAT, as arithmetic takes it.
    fn number(&self, i: usize) -> SfResult<Bound> {
        let a = self.arg(i)?;
        let to = match a.ty {
            Ty::Number { .. } | Ty::Float => return Ok(a.clone()),
            Ty::Text { .. } => Ty::Number { p: 38, s: 5 },
            Ty::Variant => Ty::Float,
            Ty::Null | Ty::Boolean => Ty::INT,
            _ => return Err(self.bad_types()),
        };
        cast(a, to, Mode::Explicit, self.env)
    }

    fn bad_types(&self) -> SfError {
        let types: Vec<String> = self.args.iter().map(|a| a.ty.display()).collect();
        SfError::compile(
            "001044",
            "42P13",
            format!("Invalid argument types for function '{}': ({})", self.name, types.join(", ")),
        )
    }

    fn distinct(&self) -> &'static str {
        if self.distinct { "DISTINCT " } else { "" }
    }

    fn order(&self) -> String {
        if self.order_by.is_empty() { String::new() } else { format!(" ORDER BY {}", self.order_by.join(", ")) }
    }

    /// `name([DISTINCT ]args)` with the type made sure.
    fn call(&self, name: &str, args: &str, ty: Ty) -> SfResult<Bound> {
        Ok(Bound::new(format!("CAST({name}({}{args}){OVER} AS {})", self.distinct(), ty.duck()), ty))
    }
}

/// A count: never NULL.
fn counted(_c: &AggCall<'_>, call: &str) -> Bound {
    Bound { nullable: false, ..Bound::new(format!("CAST({call}{OVER} AS DECIMAL(18,0))"), COUNT) }
}

fn count(c: &AggCall<'_>) -> SfResult<Bound> {
    Ok(match c.args.as_slice() {
        [] if c.star => counted(c, "count(*)"),
        [] => return Err(c.bad_types()),
        [one] => counted(c, &format!("count({}{})", c.distinct(), one.sql)),
        many => {
            // Rows with any NULL do not count.
            let all: Vec<String> = many.iter().map(|a| format!("{} IS NOT NULL", a.sql)).collect();
            let row: Vec<&str> = many.iter().map(|a| a.sql.as_str()).collect();
            counted(
                c,
                &format!("count({}CASE WHEN {} THEN row({}) END)", c.distinct(), all.join(" AND "), row.join(", ")),
            )
        }
    })
}

fn sum(c: &AggCall<'_>) -> SfResult<Bound> {
    let x = c.number(0)?;
    let ty = match x.ty {
        Ty::Number { s, .. } => Ty::Number { p: 38, s },
        other => other,
    };
    c.call("sum", &x.sql, ty)
}

/// The sum divided by the count, with the division's scale.
fn avg(c: &AggCall<'_>) -> SfResult<Bound> {
    let x = c.number(0)?;
    let Ty::Number { s, .. } = x.ty else {
        return c.call("avg", &x.sql, Ty::Float);
    };
    let scale = u32::from(s).max((u32::from(s) + 6).min(12));
    let ty = Ty::number(38, scale);
    let d = c.distinct();
    let sum = format!("sum({d}{}){OVER}", x.sql);
    let count = format!("count({d}{}){OVER}", x.sql);
    Ok(Bound::new(format!("CAST({} AS {})", quotient(&sum, &count, scale), ty.duck()), ty))
}

/// MIN, MAX …: the type stays.
fn kept(c: &AggCall<'_>, name: &str) -> SfResult<Bound> {
    let a = c.arg(0)?;
    let ty = if a.ty == Ty::Null { Ty::TEXT } else { a.ty };
    c.call(name, &a.sql, ty)
}

fn median(c: &AggCall<'_>) -> SfResult<Bound> {
    let x = c.number(0)?;
    match x.ty {
        Ty::Number { p, s } => {
            let ty = Ty::number(u32::from(p) + 3, u32::from(s) + 3);
            c.call("median", &format!("CAST({} AS {})", x.sql, ty.duck()), ty)
        }
        _ => c.call("median", &x.sql, Ty::Float),
    }
}

fn real(c: &AggCall<'_>, name: &str) -> SfResult<Bound> {
    let args = (0..c.args.len()).map(|i| c.float(i)).collect::<SfResult<Vec<_>>>()?;
    c.call(name, &args.join(", "), Ty::Float)
}

/// Skips NULLs; no values give an empty text.
fn listagg(c: &AggCall<'_>) -> SfResult<Bound> {
    let x = c.to(0, Ty::TEXT)?;
    let by = if c.args.len() > 1 { c.to(1, Ty::TEXT)? } else { "''".into() };
    let sql = format!("COALESCE(string_agg({}{x}, {by}{}){OVER}, '')", c.distinct(), c.order());
    Ok(Bound { nullable: false, ..Bound::new(sql, Ty::TEXT) })
}

/// Skips NULLs; no values give an empty array.
fn array_agg(c: &AggCall<'_>) -> SfResult<Bound> {
    let v = to_variant(c.arg(0)?, c.env)?;
    let distinct = if c.name == "ARRAY_UNIQUE_AGG" { "DISTINCT " } else { c.distinct() };
    // DuckDB orders distinct values by themselves only.
    let order = if distinct.is_empty() || c.order_by.is_empty() {
        c.order()
    } else {
        let down = c.order_by[0].to_ascii_uppercase().contains(" DESC");
        format!(" ORDER BY {v}{}", if down { " DESC" } else { "" })
    };
    let sql = format!("('[' || COALESCE(string_agg({distinct}{v}, ','{order}){OVER}, '') || ']')");
    Ok(Bound { nullable: false, ..Bound::new(sql, Ty::Array) })
}

fn object_agg(c: &AggCall<'_>) -> SfResult<Bound> {
    let (k, v) = (c.to(0, Ty::TEXT)?, to_variant(c.arg(1)?, c.env)?);
    let pairs = |x: &str| format!("list({x}) FILTER (WHERE {k} IS NOT NULL AND {v} IS NOT NULL){OVER}");
    let sql = format!("COALESCE(sf_object({}, {}, false), '{{}}')", pairs(&k), pairs(&v));
    Ok(Bound { nullable: false, ..Bound::new(sql, Ty::Object) })
}

fn by(c: &AggCall<'_>, name: &str) -> SfResult<Bound> {
    if c.args.len() > 2 {
        let n = c.to(2, Ty::INT)?;
        let list = format!(
            "{}({}, {}, CAST({n} AS BIGINT))",
            name.trim_end_matches("_null"),
            to_variant(c.arg(0)?, c.env)?,
            c.arg(1)?.sql
        );
        return Ok(Bound::new(format!("('[' || array_to_string({list}{OVER}, ',') || ']')"), Ty::Array));
    }
    let (x, key) = (c.arg(0)?, c.arg(1)?);
    let ty = if x.ty == Ty::Null { Ty::TEXT } else { x.ty };
    c.call(name, &format!("{}, {}", x.sql, key.sql), ty)
}

fn bits(c: &AggCall<'_>, name: &str) -> SfResult<Bound> {
    c.call(name, &format!("CAST({} AS BIGINT)", c.to(0, Ty::INT)?), Ty::INT)
}

/// Does not depend on the order of the rows.
fn hash_agg(c: &AggCall<'_>) -> SfResult<Bound> {
    let items = c.args.iter().map(|a| to_variant(a, c.env)).collect::<SfResult<Vec<_>>>()?;
    let sql = format!(
        "CAST(COALESCE(sum(CAST(hash([{}]) >> 8 AS HUGEINT)){OVER}, 0) % 9223372036854775807 AS DECIMAL(19,0))",
        items.join(", ")
    );
    Ok(Bound { nullable: false, ..Bound::new(sql, Ty::Number { p: 19, s: 0 }) })
}

/// PERCENTILE_…(p) WITHIN GROUP (ORDER BY x).
fn percentile(c: &AggCall<'_>, name: &str) -> SfResult<Bound> {
    let p = &c.arg(0)?.sql;
    let (x, down) = c.order_keys.first().ok_or_else(|| c.bad_types())?;
    // A share of -p takes the values from the other end.
    let share = if *down { format!("1 - {p}") } else { p.clone() };
    if name == "quantile_disc" {
        let ty = if x.ty == Ty::Null { Ty::TEXT } else { x.ty };
        let sql = format!("CAST({name}({}, CAST({share} AS DOUBLE)){OVER} AS {})", x.sql, ty.duck());
        return Ok(Bound::new(sql, ty));
    }
    let x = cast(x, Ty::Float, Mode::Explicit, c.env)?.sql;
    Ok(Bound::new(format!("{name}({x}, CAST({share} AS DOUBLE)){OVER}"), Ty::Float))
}

fn nulls(c: &AggCall<'_>) -> &'static str {
    if c.ignore_nulls { " IGNORE NULLS" } else { "" }
}

fn neighbour(c: &AggCall<'_>, name: &str) -> SfResult<Bound> {
    let x = c.arg(0)?;
    let ty = if x.ty == Ty::Null { Ty::TEXT } else { x.ty };
    let mut args = x.sql.clone();
    if c.args.len() > 1 {
        args.push_str(&format!(", CAST({} AS BIGINT)", c.to(1, Ty::INT)?));
    }
    if c.args.len() > 2 {
        args.push_str(&format!(", {}", c.to(2, ty)?));
    }
    c.call(name, &format!("{args}{}", nulls(c)), ty)
}

fn edge(c: &AggCall<'_>, name: &str) -> SfResult<Bound> {
    let x = c.arg(0)?;
    let ty = if x.ty == Ty::Null { Ty::TEXT } else { x.ty };
    let n = if c.args.len() > 1 { format!(", CAST({} AS BIGINT)", c.to(1, Ty::INT)?) } else { String::new() };
    c.call(name, &format!("{}{n}{}", x.sql, nulls(c)), ty)
}

fn ratio(c: &AggCall<'_>) -> SfResult<Bound> {
    let x = c.number(0)?;
    let Ty::Number { s, .. } = x.ty else {
        return Ok(Bound::new(format!("({} / nullif(sum({}){OVER}, 0))", x.sql, x.sql), Ty::Float));
    };
    let scale = u32::from(s).max((u32::from(s) + 6).min(12));
    let ty = Ty::number(38, scale);
    let sum = format!("nullif(sum({}){OVER}, 0)", x.sql);
    Ok(Bound::new(format!("CAST({} AS {})", quotient(&x.sql, &sum, scale), ty.duck()), ty))
}

#[cfg(test)]
mod tests {
    use super::super::functions::testing::{env, on};
    use super::*;
    use duckdb::Connection;

    fn run(name: &str, args: &[(&str, Ty)], distinct: bool, order: &[&str], over: &str) -> Vec<Option<String>> {
        let conn = Connection::open_in_memory().unwrap();
        super::super::super::udf::register(&conn).unwrap();
        conn.execute_batch(
            "CREATE TABLE t AS SELECT * FROM (VALUES (1, CAST(10 AS DECIMAL(38,0)), 'a'), (2, 20, 'b'), (3, NULL, NULL), \
             (4, 30, 'b')) v(i, n, s)",
        )
        .unwrap();
        let env = env();
        let call = AggCall {
            name,
            args: args.iter().map(|(sql, ty)| Bound::new(*sql, *ty)).collect(),
            star: args.is_empty() && name == "COUNT",
            distinct,
            order_by: order.iter().map(|o| (*o).to_owned()).collect(),
            order_keys: order
                .iter()
                .map(|o| (Bound::new(o.split(' ').next().unwrap_or_default(), Ty::INT), o.contains(" DESC")))
                .collect(),
            window: !over.is_empty(),
            ignore_nulls: false,
            env: &env,
        };
        let b = lookup(name).unwrap().call(&call).unwrap();
        let sql = b.sql.replace(OVER, over);
        // Through a subquery, so that the type check sees the whole call.
        let tail = if over.is_empty() { "" } else { " ORDER BY i" };
        conn.execute_batch(&format!("CREATE TABLE out AS SELECT {sql} AS x FROM t{tail}")).unwrap();
        let found: String = conn.query_row("SELECT typeof(x) FROM out LIMIT 1", [], |r| r.get(0)).unwrap();
        assert_eq!(found, b.ty.duck(), "{name}");
        let n: i64 = conn.query_row("SELECT count(*) FROM out", [], |r| r.get(0)).unwrap();
        (0..n)
            .map(|i| on(&conn, &Bound::new(format!("(SELECT x FROM out LIMIT 1 OFFSET {i})"), b.ty)).unwrap())
            .collect()
    }

    const N: (&str, Ty) = ("n", Ty::INT);
    const S: (&str, Ty) = ("s", Ty::TEXT);

    #[test]
    fn aggregates() {
        for (name, args, distinct, order, want) in [
            ("COUNT", vec![], false, vec![], "4"),
            ("COUNT", vec![N], false, vec![], "3"),
            ("COUNT", vec![S], true, vec![], "2"),
            ("COUNT", vec![N, S], true, vec![], "3"),
            ("SUM", vec![N], false, vec![], "60"),
            ("AVG", vec![N], false, vec![], "20.000000"),
            ("MIN", vec![N], false, vec![], "10"),
            ("MAX", vec![S], false, vec![], "b"),
            ("MEDIAN", vec![N], false, vec![], "20.000"),
            ("LISTAGG", vec![S, ("','", Ty::text(1))], false, vec!["i DESC"], "b,b,a"),
            ("LISTAGG", vec![S, ("','", Ty::text(1))], true, vec!["s"], "a,b"),
            ("ARRAY_AGG", vec![N], false, vec!["i"], "[10,20,30]"),
            ("OBJECT_AGG", vec![("s || i", Ty::TEXT), N], false, vec![], r#"{"a1":10,"b2":20,"b4":30}"#),
            ("MAX_BY", vec![S, N], false, vec![], "b"),
            ("COUNT_IF", vec![("n > 15", Ty::Boolean)], false, vec![], "2"),
            ("BOOLOR_AGG", vec![("n > 25", Ty::Boolean)], false, vec![], "true"),
            ("BITOR_AGG", vec![N], false, vec![], "30"),
            ("PERCENTILE_CONT", vec![("0.5", Ty::number(2, 1))], false, vec!["n ASC NULLS LAST"], "20"),
            ("APPROX_COUNT_DISTINCT", vec![S], false, vec![], "2"),
            ("STDDEV", vec![N], false, vec![], "10"),
        ] {
            assert_eq!(run(name, &args, distinct, &order, "")[0].as_deref(), Some(want), "{name}");
        }
    }

    #[test]
    fn windows() {
        let all = |name, args: &[(&str, Ty)], over| -> Vec<String> {
            run(name, args, false, &[], over).into_iter().map(|v| v.unwrap_or_else(|| "-".into())).collect()
        };
        assert_eq!(all("ROW_NUMBER", &[], " OVER (ORDER BY i)"), ["1", "2", "3", "4"]);
        assert_eq!(all("LAG", &[N, ("1", Ty::INT), ("0", Ty::INT)], " OVER (ORDER BY i)"), ["0", "10", "20", "-"]);
        assert_eq!(all("SUM", &[N], " OVER (ORDER BY i)"), ["10", "30", "30", "60"]);
        assert_eq!(all("AVG", &[N], " OVER (PARTITION BY s)"), ["10.000000", "25.000000", "-", "25.000000"]);
        assert_eq!(all("RATIO_TO_REPORT", &[N], " OVER ()"), ["0.166667", "0.333333", "-", "0.500000"]);
    }
}
