//! DuckDB's logical plan as Snowflake's operations.

use super::Planned;
use super::express::{cut, function, order, text, texts};
use super::tables::Tables;
use serde_json::Value;
use std::collections::BTreeMap;

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Op {
    /// The operation that takes its rows, by place.
    pub parent: Option<usize>,
    /// Snowflake's name of it.
    pub operation: String,
    /// What it reads or writes, full names.
    pub objects: Vec<String>,
    /// The alias of what it reads.
    pub alias: Option<String>,
    /// Keys, conditions, columns.
    pub expressions: Vec<String>,
    /// For a scan: the size of what it reads.
    pub bytes: Option<u64>,
}

/// The elements of an array; none where there is none.
#[must_use]
pub fn list(v: &Value) -> &[Value] {
    v.as_array().map_or(&[], Vec::as_slice)
}

/// A number, plain or wrapped as `{"index": n}`; 0 where there is none.
#[must_use]
pub fn number(v: &Value) -> u64 {
    v.as_u64().or_else(|| v["index"].as_u64()).unwrap_or(0)
}

fn place(v: &Value) -> usize {
    usize::try_from(number(v)).unwrap_or(usize::MAX)
}

/// What a plan does, every operation behind the one that takes its rows.
#[must_use]
pub fn read(tree: &Value, tables: &Tables, planned: &Planned) -> Vec<Op> {
    let mut reader = Reader { ops: Vec::new(), tables, ctes: BTreeMap::new(), keys: Vec::new() };
    let root = reader.push(None, planned.verb.unwrap_or("Result"));
    let outputs = reader.node(tree, root);
    reader.ops[root].objects = planned.targets.iter().map(|t| super::shown(t)).collect();
    if planned.verb.is_none() {
        reader.ops[root].expressions = outputs;
    }
    reader.ops
}

struct Reader<'t> {
    ops: Vec<Op>,
    tables: &'t Tables,
    /// Columns of the CTEs in reach, by DuckDB's number.
    ctes: BTreeMap<u64, Vec<String>>,
    /// Columns that correlated subqueries get from around them, the innermost last.
    keys: Vec<Vec<String>>,
}

impl Reader<'_> {
    fn push(&mut self, parent: Option<usize>, operation: &str) -> usize {
        self.ops.push(Op { parent, operation: operation.to_owned(), ..Op::default() });
        self.ops.len() - 1
    }

    /// The operation with one child; gives the child's columns.
    fn above(&mut self, n: &Value, parent: usize, operation: &str) -> (usize, Vec<String>) {
        let op = self.push(Some(parent), operation);
        let columns = self.child(n, 0, op);
        (op, columns)
    }

    fn child(&mut self, n: &Value, i: usize, parent: usize) -> Vec<String> {
        list(&n["children"]).get(i).map(|c| self.node(c, parent)).unwrap_or_default()
    }

    /// Reads an operator; gives what its output columns are, as texts.
    fn node(&mut self, n: &Value, parent: usize) -> Vec<String> {
        let kind = n["type"].as_str().unwrap_or("");
        match kind {
            "LOGICAL_PROJECTION" => {
                let columns = self.child(n, 0, parent);
                texts(&n["expressions"], &columns)
            }
            "LOGICAL_GET" => self.scan(n, parent),
            "LOGICAL_FILTER" => {
                let (op, columns) = self.above(n, parent, "Filter");
                self.ops[op].expressions = texts(&n["expressions"], &columns);
                mapped(columns, &n["projection_map"])
            }
            "LOGICAL_COMPARISON_JOIN"
            | "LOGICAL_DELIM_JOIN"
            | "LOGICAL_ASOF_JOIN"
            | "LOGICAL_ANY_JOIN"
            | "LOGICAL_CROSS_PRODUCT" => self.join(n, kind, parent),
            "LOGICAL_AGGREGATE_AND_GROUP_BY" => self.aggregate(n, parent),
            "LOGICAL_DISTINCT" => {
                let (op, columns) = self.above(n, parent, "Aggregate");
                self.ops[op].expressions = vec![keyed("groupKeys", &texts(&n["distinct_targets"], &columns))];
                columns
            }
            "LOGICAL_ORDER_BY" => {
                let (op, columns) = self.above(n, parent, "Sort");
                self.ops[op].expressions = vec![sort_key(n, &columns)];
                mapped(columns, &n["projections"])
            }
            "LOGICAL_TOP_N" => {
                let (op, columns) = self.above(n, parent, "SortWithLimit");
                self.ops[op].expressions = vec![sort_key(n, &columns)];
                self.ops[op].expressions.extend(rows(number_text(&n["limit"]), number_text(&n["offset"])));
                columns
            }
            "LOGICAL_LIMIT" => {
                let (op, columns) = self.above(n, parent, "Limit");
                self.ops[op].expressions = rows(bound(&n["limit_val"]), bound(&n["offset_val"]));
                columns
            }
            "LOGICAL_WINDOW" => {
                let (op, mut columns) = self.above(n, parent, "WindowFunction");
                let windows = texts(&n["expressions"], &columns);
                self.ops[op].expressions.clone_from(&windows);
                columns.extend(windows);
                columns
            }
            "LOGICAL_UNNEST" => {
                let (op, mut columns) = self.above(n, parent, "Flatten");
                let lists = texts(&n["expressions"], &columns);
                self.ops[op].expressions.clone_from(&lists);
                columns.extend(lists);
                columns
            }
            "LOGICAL_UNION" | "LOGICAL_EXCEPT" | "LOGICAL_INTERSECT" => self.set_operation(n, kind, parent),
            "LOGICAL_MATERIALIZED_CTE" | "LOGICAL_RECURSIVE_CTE" => self.cte(n, kind, parent),
            "LOGICAL_CTE_REF" => {
                self.push(Some(parent), "WithReference");
                self.ctes.get(&number(&n["cte_index"])).cloned().unwrap_or_default()
            }
            "LOGICAL_DELIM_GET" => {
                self.push(Some(parent), "WithReference");
                self.keys.last().cloned().unwrap_or_default()
            }
            "LOGICAL_DUMMY_SCAN" => {
                let op = self.push(Some(parent), "Generator");
                self.ops[op].expressions = rows(Some("1".to_owned()), None);
                Vec::new()
            }
            "LOGICAL_EXPRESSION_GET" | "LOGICAL_CHUNK_GET" => {
                self.push(Some(parent), "ValuesClause");
                let width = list(&n["expr_types"]).len().max(list(&n["chunk_types"]).len());
                (1..=width).map(|i| format!("COLUMN{i}")).collect()
            }
            "LOGICAL_EMPTY_RESULT" => {
                self.push(Some(parent), "EmptyResult");
                (1..=list(&n["return_types"]).len()).map(|i| format!("COLUMN{i}")).collect()
            }
            other => {
                let (_, columns) = self.above(n, parent, &camel(other));
                columns
            }
        }
    }

    fn scan(&mut self, n: &Value, parent: usize) -> Vec<String> {
        let shown = self.tables.get(n).cloned();
        let names = list(&n["names"]);
        let read: Vec<&str> = list(&n["column_indexes"])
            .iter()
            .map(|c| c["index"].as_u64().and_then(|i| names.get(usize::try_from(i).ok()?)).map_or("", name))
            .collect();
        let column = |i: usize, phys: &str| match (&shown, phys) {
            (None, _) => format!("${}", i + 1),
            (Some(_), "_id") => "METADATA$ROW_ID".to_owned(),
            (Some(t), phys) => match t.column(phys) {
                Some(name) => format!("{}.{name}", t.qualifier),
                None => "METADATA$ROW_VERSION".to_owned(),
            },
        };
        let columns: Vec<String> = read.iter().enumerate().map(|(i, phys)| column(i, phys)).collect();
        let filters = super::express::filters(&n["table_filters"], &columns);
        let parent = if filters.is_empty() {
            parent
        } else {
            let op = self.push(Some(parent), "Filter");
            self.ops[op].expressions = filters;
            op
        };
        let operation = match (&shown, function(n).as_str()) {
            (Some(_), _) => "TableScan",
            (None, "SF_STAGE" | "STAGE") => "ExternalScan",
            (None, "RANGE" | "GENERATE_SERIES") => "Generator",
            (None, "UNNEST" | "JSON_EACH") => "Flatten",
            _ => "TableFunction",
        };
        let op = self.push(Some(parent), operation);
        if let Some(t) = shown {
            let own: Vec<String> = read.iter().filter_map(|phys| t.column(phys)).map(str::to_owned).collect();
            let this = &mut self.ops[op];
            (this.bytes, this.objects, this.alias, this.expressions) = (Some(t.bytes), vec![t.object], t.alias, own);
        }
        let mut inputs = self.child(n, 0, op);
        let mut out = mapped(columns, &n["projection_ids"]);
        out.append(&mut inputs);
        out
    }

    fn join(&mut self, n: &Value, kind: &str, parent: usize) -> Vec<String> {
        let word = n["join_type"].as_str().unwrap_or("INNER");
        let op = self.push(Some(parent), join_name(kind, word));
        let correlated = kind == "LOGICAL_DELIM_JOIN";
        let flipped = correlated && n["delim_flipped"].as_bool() == Some(true);
        // What the other side asks for comes from the side that is read first.
        let first = self.child(n, usize::from(flipped), op);
        if correlated {
            self.keys.push(texts(&n["duplicate_eliminated_columns"], &first));
        }
        let second = self.child(n, usize::from(!flipped), op);
        if correlated {
            self.keys.pop();
        }
        let (left, right) = if flipped { (second, first) } else { (first, second) };
        let both: Vec<String> = left.iter().chain(&right).cloned().collect();
        let (mut keys, mut more) = (Vec::new(), Vec::new());
        for c in list(&n["conditions"]) {
            match (&c["left"], &c["right"]) {
                (Value::Null, Value::Null) => {}
                (e, Value::Null) | (Value::Null, e) => more.push(text(e, &both)),
                (l, r) => {
                    let sign = super::express::comparison(c["comparison"].as_str().unwrap_or(""));
                    let one = cut(format!("({} {sign} {})", text(l, &left), text(r, &right)));
                    if matches!(sign, "=" | "IS NOT DISTINCT FROM") { &mut keys } else { &mut more }.push(one);
                }
            }
        }
        if n["condition"].is_object() {
            more.push(text(&n["condition"], &both));
        }
        for (label, parts) in [("joinKey", keys), ("joinFilter", more)] {
            if !parts.is_empty() {
                self.ops[op].expressions.push(format!("{label}: {}", parts.join(" AND ")));
            }
        }
        let left = mapped(left, &n["left_projection_map"]);
        let right = mapped(right, &n["right_projection_map"]);
        match word {
            "SEMI" | "ANTI" => left,
            "RIGHT_SEMI" | "RIGHT_ANTI" => right,
            "MARK" => left.into_iter().chain(["MATCHED".to_owned()]).collect(),
            _ => left.into_iter().chain(right).collect(),
        }
    }

    fn aggregate(&mut self, n: &Value, parent: usize) -> Vec<String> {
        let sets = list(&n["grouping_sets"]).len() > 1;
        let (op, columns) = self.above(n, parent, if sets { "GroupingSets" } else { "Aggregate" });
        let (keys, values) = (texts(&n["groups"], &columns), texts(&n["expressions"], &columns));
        for (label, parts) in [("aggExprs", &values), ("groupKeys", &keys)] {
            if !parts.is_empty() {
                self.ops[op].expressions.push(keyed(label, parts));
            }
        }
        let groupings = list(&n["grouping_functions"]).len();
        keys.into_iter().chain(values).chain(std::iter::repeat_n("GROUPING()".to_owned(), groupings)).collect()
    }

    fn set_operation(&mut self, n: &Value, kind: &str, parent: usize) -> Vec<String> {
        let distinct = n["setop_all"].as_bool() == Some(false);
        let name = match kind {
            "LOGICAL_UNION" => "UnionAll",
            "LOGICAL_EXCEPT" => "Except",
            _ => "Intersect",
        };
        let unique = (distinct && name == "UnionAll").then(|| self.push(Some(parent), "Aggregate"));
        let op = self.push(Some(unique.unwrap_or(parent)), name);
        let count = list(&n["children"]).len();
        let mut branches: Vec<Vec<String>> = (0..count).map(|i| self.child(n, i, op)).collect();
        let columns = if branches.is_empty() { Vec::new() } else { branches.swap_remove(0) };
        if let Some(unique) = unique {
            self.ops[unique].expressions = vec![keyed("groupKeys", &columns)];
        }
        columns
    }

    fn cte(&mut self, n: &Value, kind: &str, parent: usize) -> Vec<String> {
        let recursive = kind == "LOGICAL_RECURSIVE_CTE";
        let op = self.push(Some(parent), if recursive { "RecursiveUnion" } else { "WithClause" });
        let first = self.child(n, 0, op);
        self.ctes.insert(number(&n["table_index"]), first.clone());
        let second = self.child(n, 1, op);
        if recursive { first } else { second }
    }
}

/// A name, plain or as an identifier object.
fn name(v: &Value) -> &str {
    v.as_str().or_else(|| v["name"].as_str()).unwrap_or("")
}

/// The columns that a projection map keeps; an empty one keeps all.
fn mapped(columns: Vec<String>, map: &Value) -> Vec<String> {
    match list(map) {
        [] => columns,
        places => places.iter().map(|p| columns.get(place(p)).cloned().unwrap_or_default()).collect(),
    }
}

fn keyed(label: &str, parts: &[String]) -> String {
    format!("{label}: [{}]", parts.join(", "))
}

fn sort_key(n: &Value, columns: &[String]) -> String {
    keyed("sortKey", &list(&n["orders"]).iter().map(|o| order(o, columns)).collect::<Vec<_>>())
}

fn number_text(v: &Value) -> Option<String> {
    v.as_u64().map(|n| n.to_string())
}

/// The number of a LIMIT or OFFSET, or the expression that gives it.
fn bound(v: &Value) -> Option<String> {
    match v["type"].as_str().unwrap_or("") {
        "CONSTANT_VALUE" => number_text(&v["constant_integer"]),
        "UNSET" => None,
        _ => v["expression"].is_object().then(|| text(&v["expression"], &[])),
    }
}

fn rows(limit: Option<String>, offset: Option<String>) -> Vec<String> {
    let offset = offset.filter(|n| n != "0");
    [limit.map(|n| format!("rowCount: {n}")), offset.map(|n| format!("offset: {n}"))].into_iter().flatten().collect()
}

fn join_name(kind: &str, word: &str) -> &'static str {
    match (kind, word) {
        ("LOGICAL_CROSS_PRODUCT", _) => "CartesianJoin",
        ("LOGICAL_ASOF_JOIN", _) => "AsofJoin",
        (_, "INNER") => "InnerJoin",
        (_, "RIGHT") => "RightOuterJoin",
        (_, "FULL" | "OUTER") => "FullOuterJoin",
        (_, "SEMI") => "LeftSemiJoin",
        (_, "RIGHT_SEMI") => "RightSemiJoin",
        (_, "ANTI") => "LeftAntiJoin",
        (_, "RIGHT_ANTI") => "RightAntiJoin",
        // DuckDB's joins for IN and for scalar subqueries keep every row on the left.
        _ => "LeftOuterJoin",
    }
}

/// `LOGICAL_SAMPLE` as `Sample`.
fn camel(kind: &str) -> String {
    let words = kind.trim_start_matches("LOGICAL_").split('_').filter(|w| !w.is_empty());
    words.map(|w| format!("{}{}", &w[..1], w[1..].to_ascii_lowercase())).collect()
}
