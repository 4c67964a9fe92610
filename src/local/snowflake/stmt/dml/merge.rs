//! MERGE.

use super::super::super::answer::{Answer, DmlStats, kind};
use super::super::super::bind::Bound;
use super::super::super::bind::binder::Binder;
use super::super::super::bind::cast::{self, Mode};
use super::super::super::bind::expr::condition;
use super::super::super::bind::scope::{Scope, fold};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::explain::Planned;
use super::super::{Class, Statement};
use super::rows::{delete_rows, duplicate_row, insert_rows, update_rows};
use super::target::Target;
use super::update::{assigned, target_name};
use sqlparser::ast::{self, Expr, MergeAction, MergeClauseKind, MergeInsertKind, MergeUpdateKind};

struct Merge(Box<ast::Merge>);

/// What a clause does, with the columns of the work table that hold its values.
enum Action {
    Update(Vec<(String, String)>),
    Delete,
    Insert(Vec<String>),
}

/// A bound MERGE: one row of `work` for each source row (and matching target row), with the number of the clause it takes.
struct Plan {
    target: Target,
    work: String,
    actions: Vec<Action>,
}

/// Behind `MERGE`.
///
/// # Errors
/// 001003; unsupported clauses by name.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    c.rewind(c.mark() - 1);
    match c.with_parser(|p| p.parse_statement())? {
        ast::Statement::Merge(m) if m.output.is_none() => Ok(Box::new(Merge(Box::new(m)))),
        _ => Err(SfError::unsupported("MERGE clause")),
    }
}

impl Merge {
    fn plan(&self, b: &mut Binder<'_, '_>) -> SfResult<Plan> {
        let m = &self.0;
        let (name, alias) = target_name(&m.table)?;
        let target = Target::find(b, &name, &self.privileges())?;
        let source_item = ast::TableWithJoins { relation: m.source.clone(), joins: Vec::new() };
        let mut source = Scope::new(None);
        let from = b.from(&[source_item], &mut source)?;
        let duck = b.alias("r");
        let mut both = Scope::new(None);
        both.rels.push(target.relation(&duck, alias));
        both.rels.append(&mut source.rels.clone());
        let on = b.expr(&m.on, &both)?;
        let on = condition(&on, &b.env)?.sql;
        let mut arms = String::new();
        let (mut actions, mut list) = (Vec::new(), Vec::new());
        let mut last = [false, false];
        for (i, clause) in m.clauses.iter().enumerate() {
            let matched = match clause.clause_kind {
                MergeClauseKind::Matched => true,
                MergeClauseKind::NotMatched => false,
                _ => return Err(SfError::unsupported("WHEN NOT MATCHED BY")),
            };
            // A clause without AND takes all that is left of its kind, so it must be the last of it.
            if last[usize::from(matched)] {
                return Err(SfError::compile("001003", "42000", "a MERGE clause follows one without condition"));
            }
            last[usize::from(matched)] = clause.predicate.is_none();
            let scope = if matched { &both } else { &source };
            let mut test = format!("{duck}._id IS {}NULL", if matched { "NOT " } else { "" });
            if let Some(p) = &clause.predicate {
                let p = b.expr(p, scope)?;
                test = format!("{test} AND {}", condition(&p, &b.env)?.sql);
            }
            arms.push_str(&format!(" WHEN {test} THEN {}", i + 1));
            actions.push(self.action(b, &target, scope, &clause.action, i + 1, &mut list)?);
        }
        let gate = format!("CASE{arms} END");
        let values: String = list
            .iter()
            .map(|(clause, name, bound): &(usize, String, Bound)| {
                // What another clause's rows would make of the expression must not fail.
                format!(", CASE WHEN ({gate}) = {clause} THEN {} END AS {name}", bound.sql)
            })
            .collect();
        let rows = target.source(b, &duck)?;
        let work = format!("SELECT {duck}._id AS id, {gate} AS act{values}{from} LEFT JOIN {rows} ON {on}");
        Ok(Plan { target, work, actions })
    }

    fn privileges(&self) -> Vec<&'static str> {
        self.0
            .clauses
            .iter()
            .map(|c| match c.action {
                MergeAction::Insert(_) => "INSERT",
                MergeAction::Update(_) => "UPDATE",
                _ => "DELETE",
            })
            .collect()
    }

    fn action(
        &self,
        b: &mut Binder<'_, '_>,
        target: &Target,
        scope: &Scope<'_>,
        action: &MergeAction,
        clause: usize,
        list: &mut Vec<(usize, String, Bound)>,
    ) -> SfResult<Action> {
        let mut keep = |bound: Bound| {
            let name = format!("v{}", list.len() + 1);
            list.push((clause, name.clone(), bound));
            name
        };
        Ok(match action {
            MergeAction::Delete { .. } => Action::Delete,
            MergeAction::Update(u) if u.update_predicate.is_none() && u.delete_predicate.is_none() => {
                let MergeUpdateKind::Set(sets) = &u.kind else { return Err(SfError::unsupported("UPDATE *")) };
                let mut out = Vec::new();
                for set in sets {
                    let column = target.columns(&[assigned(set)?])?[0];
                    let value = b.expr(&set.value, scope)?;
                    let value = cast::cast(&value, column.ty, Mode::Assign, &b.env)?;
                    out.push((column.phys.clone(), keep(value)));
                }
                Action::Update(out)
            }
            MergeAction::Insert(insert) if insert.insert_predicate.is_none() => {
                let names: Vec<String> =
                    insert.columns.iter().filter_map(|n| n.0.last().and_then(|p| p.as_ident()).map(fold)).collect();
                let columns = target.columns(&names)?;
                let MergeInsertKind::Values(values) = &insert.kind else {
                    return Err(SfError::unsupported("INSERT *"));
                };
                let [row] = values.rows.as_slice() else { return Err(SfError::unsupported("several rows in MERGE")) };
                if row.content.len() != columns.len() {
                    return Err(SfError::compile(
                        "002057",
                        "42601",
                        format!(
                            "Insert value list does not match column list expecting {} but got {}",
                            columns.len(),
                            row.content.len()
                        ),
                    ));
                }
                let values: Vec<Option<Bound>> = row
                    .content
                    .iter()
                    .map(|e| match e {
                        Expr::Identifier(i) if i.quote_style.is_none() && fold(i) == "DEFAULT" => Ok(None),
                        e => b.expr(e, scope).map(Some),
                    })
                    .collect::<SfResult<_>>()?;
                Action::Insert(target.row(b, &columns, &values)?.into_iter().map(&mut keep).collect())
            }
            _ => return Err(SfError::unsupported("MERGE action")),
        })
    }

    /// A target row that several source rows hit, with an UPDATE among the actions, has no one right outcome: it is refused
    /// unless the session allows it; then `true`.
    fn refuse_ambiguous(cx: &mut Cx<'_>, plan: &Plan, work: &str) -> SfResult<bool> {
        let updates: Vec<String> = plan
            .actions
            .iter()
            .enumerate()
            .filter(|(_, a)| matches!(a, Action::Update(_)))
            .map(|(i, _)| (i + 1).to_string())
            .collect();
        if updates.is_empty() {
            return Ok(false);
        }
        let inserts: Vec<String> = plan
            .actions
            .iter()
            .enumerate()
            .filter(|(_, a)| matches!(a, Action::Insert(_)))
            .map(|(i, _)| (i + 1).to_string())
            .collect();
        let not_insert =
            if inserts.is_empty() { "true".to_owned() } else { format!("act NOT IN ({})", inserts.join(", ")) };
        let twice = cx.scalar(&format!(
            "SELECT min(id) FROM (SELECT id FROM {work} WHERE id IS NOT NULL AND act IS NOT NULL AND {not_insert} \
             GROUP BY id HAVING count(*) > 1 AND bool_or(act IN ({})))",
            updates.join(", ")
        ))?;
        if twice != 0 && cx.s.params.is_true("ERROR_ON_NONDETERMINISTIC_MERGE") {
            return Err(duplicate_row(cx, plan.target.table(), twice)?);
        }
        Ok(twice != 0)
    }
}

impl Statement for Merge {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn to_explain(&self, b: &mut Binder<'_, '_>) -> SfResult<Planned> {
        let plan = self.plan(b)?;
        Ok(Planned::dml("Merge", &plan.target.object.name, plan.work))
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let (stats, kinds) = super::run(
            cx,
            |b| self.plan(b),
            |p| vec![p.target.store()],
            |cx, plan| {
                let work = cx.work_table();
                cx.run_uncounted(&format!("CREATE TEMP TABLE {work} AS {}", plan.work))?;
                let ambiguous = Self::refuse_ambiguous(cx, &plan, &work)?;
                let mut stats = DmlStats::default();
                let mut kinds = [false; 3];
                let table = plan.target.table();
                for (i, action) in plan.actions.iter().enumerate() {
                    let mine = format!("act = {}", i + 1);
                    match action {
                        Action::Update(sets) => {
                            kinds[1] = true;
                            let columns: Vec<String> = sets.iter().map(|(c, _)| c.clone()).collect();
                            let (pick, group) = if ambiguous { ("first", " GROUP BY id") } else { ("", "") };
                            let values: String = sets.iter().map(|(c, v)| format!(", {pick}({v}) AS {c}")).collect();
                            let rows = format!("(SELECT id{values} FROM {work} WHERE {mine}{group}) AS u");
                            stats.updated += update_rows(cx, table, &columns, &rows, "true")?;
                        }
                        Action::Delete => {
                            kinds[2] = true;
                            stats.deleted += delete_rows(cx, table, &format!("SELECT id FROM {work} WHERE {mine}"))?;
                        }
                        Action::Insert(values) => {
                            kinds[0] = true;
                            stats.inserted += insert_rows(cx, table, values, &format!("FROM {work} WHERE {mine}"))?;
                        }
                    }
                }
                cx.run_uncounted(&format!("DROP TABLE {work}"))?;
                Ok((stats, kinds))
            },
        )?;
        let all = [
            ("number of rows inserted", stats.inserted),
            ("number of rows updated", stats.updated),
            ("number of rows deleted", stats.deleted),
        ];
        let counts: Vec<(String, u64)> =
            all.iter().zip(kinds).filter(|(_, present)| *present).map(|((n, c), _)| ((*n).to_owned(), *c)).collect();
        Ok(Answer::counts(kind::MERGE, &counts, stats))
    }
}
