//! What a COPY reads and what goes into each column.

use super::super::location::Location;
use super::super::{format, query};
use super::Copy;
use super::options::MatchBy;
use crate::local::snowflake::bind::Bound;
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::cast::{self, Mode};
use crate::local::snowflake::bind::scope::{Scope, fold};
use crate::local::snowflake::catalog::ColumnDef;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{Format, Kind, Names};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::dml::Target;
use crate::local::snowflake::types::Ty;
use sqlparser::ast::{Select, SelectItem, TableFactor};

/// A column that the COPY fills from the files.
#[derive(Debug, Clone)]
pub struct Filled {
    /// DuckDB SQL of its value, cast to its type.
    pub sql: String,
    /// As errors name it: `"T"["C":2]`.
    pub shown: String,
    /// Whether NULL is allowed.
    pub nullable: bool,
}

/// A bound COPY.
pub struct Plan {
    /// The table.
    pub target: Target,
    /// Where the files are.
    pub location: Location,
    /// How they are read.
    pub format: Format,
    /// DuckDB SQL for every column of the table.
    pub list: Vec<String>,
    /// The columns filled from the files.
    pub filled: Vec<Filled>,
    /// The alias of `sf_stage(…)` in the SQL.
    pub alias: String,
    /// Fields of a record that are asked for.
    pub width: usize,
    /// How many fields a record must have.
    pub exact: Option<usize>,
    /// MATCH_BY_COLUMN_NAME.
    pub names: Option<Names>,
}

impl Copy {
    /// Binds the COPY against the catalog.
    ///
    /// # Errors
    /// 002003, 003001; what the format and the expressions refuse.
    pub fn plan(&self, cx: &mut Cx<'_>) -> SfResult<Plan> {
        let mut b = Binder::new(cx);
        let target = Target::find(&mut b, &self.table, &["INSERT"])?;
        let (location, format) = self.source(&mut b)?;
        for (parameter, value) in &format.inputs {
            b.env.values.insert((*parameter).to_owned(), value.clone());
        }
        let alias = b.alias("s");
        let mut columns: Vec<ColumnDef> = target.columns(&self.columns)?.into_iter().cloned().collect();
        let metadata = self.metadata(&mut columns, &alias, &format)?;
        let names = (self.options.match_by != MatchBy::Place).then(|| Names {
            columns: columns.iter().map(|c| c.name.clone()).collect(),
            any_case: self.options.match_by == MatchBy::AnyCase,
        });
        let (mut values, width) = match &self.select {
            Some((select, text)) => transformed(&mut b, select, text, &alias, &format)?,
            None => (self.direct(&mut b, &columns, &alias, &format)?, columns.len()),
        };
        if values.len() != columns.len() {
            return Err(SfError::compile(
                "002057",
                "42601",
                format!(
                    "Insert value list does not match column list expecting {} but got {}",
                    columns.len(),
                    values.len()
                ),
            ));
        }
        for (column, value) in metadata {
            columns.push(column);
            values.push(value);
        }
        let mut cells = Vec::new();
        for (value, column) in values.into_iter().zip(&columns) {
            cells.push(Some(self.fit(&b, value, column)?));
        }
        let refs: Vec<&ColumnDef> = columns.iter().collect();
        let row = target.row(&mut b, &refs, &cells)?;
        let filled = columns
            .iter()
            .enumerate()
            .filter_map(|(i, column)| {
                let place = target.table().columns.iter().position(|c| c.phys == column.phys)?;
                Some(Filled {
                    sql: row.get(place)?.sql.clone(),
                    shown: format!("\"{}\"[\"{}\":{}]", target.object.bare(), column.name, i + 1),
                    nullable: column.nullable,
                })
            })
            .collect();
        let mismatch = matches!(&format.kind, Kind::Csv(csv) if csv.mismatch_is_error);
        Ok(Plan {
            list: row.into_iter().map(|x| x.sql).collect(),
            filled,
            alias,
            width,
            exact: (self.select.is_none() && mismatch && names.is_none()).then_some(columns.len()),
            names,
            target,
            location,
            format,
        })
    }

    /// INCLUDE_METADATA: takes its columns out of those that the files fill; gives them with their values.
    fn metadata(
        &self,
        columns: &mut Vec<ColumnDef>,
        alias: &str,
        format: &Format,
    ) -> SfResult<Vec<(ColumnDef, Bound)>> {
        if self.options.metadata.is_empty() {
            return Ok(Vec::new());
        }
        if matches!(&format.kind, Kind::Csv(csv) if csv.mismatch_is_error) {
            return Err(SfError::compile(
                "001008",
                "22023",
                "INCLUDE_METADATA needs the file format option ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE for CSV files.",
            ));
        }
        let rel = query::relation(alias, format, 1);
        let mut out = Vec::new();
        for (name, meta) in &self.options.metadata {
            let at = columns.iter().position(|c| c.name == *name);
            let at = at.ok_or_else(|| SfError::invalid_identifier(name, 1, 0))?;
            let col = rel.cols.iter().find(|c| c.hidden && c.name == *meta);
            let col = col.ok_or_else(|| SfError::invalid_identifier(meta, 1, 0))?;
            out.push((columns.remove(at), Bound::new(col.sql.clone(), col.ty)));
        }
        Ok(out)
    }

    fn source(&self, b: &mut Binder<'_, '_>) -> SfResult<(Location, Format)> {
        let user = b.cx.s.user.clone();
        b.with_scope(|s| {
            let location = Location::find(s, &user, &self.place, false)?;
            let format = match (&self.options.format, location.definition()) {
                (Some(options), _) => format::resolve(s, options)?,
                (None, Some(stage)) => format::resolve(s, &stage.file_format)?,
                (None, None) => Format::new("CSV", &std::collections::BTreeMap::new())?,
            };
            Ok((location, format))
        })
    }

    /// Fields go into columns by place or by name.
    fn direct(
        &self,
        b: &mut Binder<'_, '_>,
        columns: &[ColumnDef],
        alias: &str,
        format: &Format,
    ) -> SfResult<Vec<Bound>> {
        if !format.is_json() {
            if let Kind::Csv(csv) = &format.kind
                && self.options.match_by != MatchBy::Place
                && !csv.parse_header
            {
                return Err(SfError::compile(
                    "001008",
                    "22023",
                    "MATCH_BY_COLUMN_NAME needs the file format option PARSE_HEADER = TRUE for CSV files.",
                ));
            }
            return columns
                .iter()
                .enumerate()
                .map(|(i, c)| field(b, &format!("{alias}.f{}", i + 1), c, format))
                .collect();
        }
        let named = self.options.match_by != MatchBy::Place;
        if !named && !matches!(columns, [one] if one.ty.is_semi()) {
            return Err(SfError::compile(
                "002019",
                "0A000",
                format!(
                    "{} file format can produce one and only one column of type variant, object, or array. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.",
                    format.name()
                ),
            ));
        }
        Ok((1..=columns.len()).map(|i| Bound::new(format!("{alias}.f{i}"), Ty::Variant)).collect())
    }

    /// With TRUNCATECOLUMNS, a text is cut to its column's length.
    fn fit(&self, b: &Binder<'_, '_>, value: Bound, column: &ColumnDef) -> SfResult<Bound> {
        if self.options.truncate && column.ty.is_text() {
            return cast::cast(&value, column.ty, Mode::Explicit, &b.env);
        }
        Ok(value)
    }
}

/// A delimited field as a value for a column: JSON is parsed, binaries are decoded by the format.
fn field(b: &Binder<'_, '_>, x: &str, column: &ColumnDef, format: &Format) -> SfResult<Bound> {
    if column.ty.is_semi() {
        let value = Bound::new(format!("sf_parse_json({x}, '')"), Ty::Variant);
        return cast::cast(&value, column.ty, Mode::Assign, &b.env);
    }
    let bytes = match (column.ty, format.binary.as_str()) {
        (Ty::Binary { .. }, "BASE64") => Some(format!("from_base64({x})")),
        (Ty::Binary { .. }, "UTF8") => Some(format!("encode({x})")),
        _ => None,
    };
    Ok(match bytes {
        Some(sql) => Bound::new(sql, column.ty),
        None => Bound::new(x, Ty::TEXT),
    })
}

/// The items of a transformation's SELECT.
fn transformed(
    b: &mut Binder<'_, '_>,
    select: &Select,
    text: &str,
    alias: &str,
    format: &Format,
) -> SfResult<(Vec<Bound>, usize)> {
    // Every `$n` of the text; one in a comment or string makes the relation wider, nothing else.
    let mentioned: Vec<String> = text
        .split('$')
        .skip(1)
        .map(|t| format!("${}", t.chars().take_while(char::is_ascii_digit).collect::<String>()))
        .collect();
    let width = query::widest(mentioned.iter().map(String::as_str)).clamp(1, 10_000);
    let mut rel = query::relation(alias, format, width);
    if let Some(TableFactor::Table { alias: Some(a), .. }) = select.from.first().map(|f| &f.relation) {
        rel.name = vec![fold(&a.name)];
    }
    let mut scope = Scope::new(None);
    scope.rels.push(rel);
    let mut out = Vec::new();
    for item in &select.projection {
        let (SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. }) = item else {
            return Err(SfError::unsupported("wildcard in a COPY transformation"));
        };
        out.push(b.expr(e, &scope)?);
    }
    Ok((out, width))
}
