//! What to do about a statement that was refused: the line of SQL, where in it, and a suggestion.

mod names;

use crate::domain::{Plan, SqlError, Step};
use names::{nearest, words_of};

/// A piece of a line of SQL, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caret {
    /// Where it begins, from 0.
    pub at: usize,
    /// How long it is, at least 1.
    pub length: usize,
}

/// What a person needs to mend a refused statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advice {
    /// `file:line`, as near as it is known.
    pub place: String,
    /// That line of SQL.
    pub code: String,
    /// What of it is meant, where that is known.
    pub caret: Option<Caret>,
    /// What to do, where there is something to say.
    pub suggestion: Option<String>,
}

/// Looks at a refusal of a plan's step. `edited` is the text that ran where it was not the step's own; `done` tells which
/// steps have run. Pure: asks no server.
#[must_use]
pub fn advise(
    plan: &Plan,
    place: (usize, usize),
    edited: Option<&str>,
    error: &SqlError,
    done: &dyn Fn(usize, usize) -> bool,
) -> Advice {
    let Some(step) = plan.stages.get(place.0).and_then(|s| s.steps.get(place.1)) else { return Advice::default() };
    let sql = edited.unwrap_or(&step.sql);
    let named = name_in(&error.message);
    let (line, at) = position(sql, error, named.as_deref());
    let code = sql.lines().nth(line).unwrap_or_default().trim_end().to_owned();
    let caret = at.map(|at| Caret { at, length: word_length(&code, at) });
    let about = About { plan, place, step, sql, error, named, done };
    Advice {
        place: format!("{}:{}", step.file, step.line + u32::try_from(line).unwrap_or(0)),
        code,
        caret,
        suggestion: about.suggestion(),
    }
}

/// Line from 0 and column from 0: as the server has it, else where the named object stands.
fn position(sql: &str, error: &SqlError, named: Option<&str>) -> (usize, Option<usize>) {
    if let Some(line) = error.line {
        let line = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
        return (line, error.position.and_then(|p| usize::try_from(p).ok()));
    }
    let Some(wanted) = named.map(|n| last_part(n).to_ascii_uppercase()) else { return (0, None) };
    for (number, line) in sql.lines().enumerate() {
        let found = words_of(line).find(|(_, word)| word.eq_ignore_ascii_case(&wanted));
        if let Some((at, _)) = found {
            return (number, Some(line[..at].chars().count()));
        }
    }
    (0, None)
}

fn word_length(code: &str, at: usize) -> usize {
    let word = code.chars().skip(at).take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '"'));
    word.count().max(1)
}

/// What the message puts between quotes: `Object 'D.S.T' does not exist`, `invalid identifier 'X'`.
fn name_in(message: &str) -> Option<String> {
    let (_, rest) = message.split_once('\'')?;
    let (name, _) = rest.split_once('\'')?;
    (!name.is_empty() && !name.contains('\n')).then(|| name.to_owned())
}

/// Whether a stage's failure is one of its keys or its role.
fn is_door(message: &str) -> bool {
    const SAYS: [&str; 7] = [
        "403",
        "AccessDenied",
        "Access Denied",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "AssumeRole",
    ];
    SAYS.iter().any(|says| message.contains(says))
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name).trim_matches('"')
}

/// A refusal and all that is known around it.
struct About<'a> {
    plan: &'a Plan,
    place: (usize, usize),
    step: &'a Step,
    sql: &'a str,
    error: &'a SqlError,
    named: Option<String>,
    done: &'a dyn Fn(usize, usize) -> bool,
}

impl About<'_> {
    fn suggestion(&self) -> Option<String> {
        match self.error.code.as_str() {
            "002003" | "002043" => self.missing_object(),
            "000904" => self.unknown_column(),
            "001003" => self.syntax(),
            "003001" | "003041" | "003540" => Some(self.right()),
            "000606" => Some("no warehouse is in use: put USE WAREHOUSE above the statement".to_owned()),
            "090105" | "090106" => Some(
                "no database or schema is in use: put USE DATABASE above the statement, or write the full name".into(),
            ),
            "000002" if self.error.message.contains("Unsupported feature") => Some(self.unsupported()),
            "091003" if self.error.message.contains("NoSuchBucket") => {
                Some("the bucket is made by the first upload: snowdeck run, generate --out s3:// or s3 put".to_owned())
            }
            "091003" if is_door(&self.error.message) => Some(self.door()),
            "390189" | "390186" => Some("the role is not there or not granted to this user".to_owned()),
            _ => None,
        }
    }

    /// The role that the file's statements have put on.
    fn role(&self) -> Option<&str> {
        let steps = self.plan.stages.get(self.place.0)?.steps.get(..self.place.1)?;
        let mut above = steps.iter().rev().filter(|s| s.file == self.step.file);
        above.find_map(|s| {
            let mut words = s.sql.split_whitespace();
            let is_use = words.next()?.eq_ignore_ascii_case("USE") && words.next()?.eq_ignore_ascii_case("ROLE");
            is_use.then(|| words.next()).flatten()
        })
    }

    /// The step that makes an object of that name: the nearest before, else the first after.
    fn maker(&self, name: &str) -> Option<(usize, usize)> {
        let makes = |s: &Step| {
            s.title.eq_ignore_ascii_case(name) && s.sql.get(..6).is_some_and(|w| w.eq_ignore_ascii_case("CREATE"))
        };
        let all: Vec<_> = self.plan.steps().filter(|(_, _, s)| makes(s)).map(|(i, j, _)| (i, j)).collect();
        all.iter().rev().find(|place| **place < self.place).or_else(|| all.first()).copied()
    }

    fn missing_object(&self) -> Option<String> {
        let name = last_part(self.named.as_deref()?).to_owned();
        if let Some((i, j)) = self.maker(&name) {
            let stage = self.plan.stages.get(i)?;
            let step = stage.steps.get(j)?;
            let where_made = format!("{}:{}, stage {}", step.file, step.line, stage.id);
            if (i, j) > self.place {
                return Some(format!("{name} is made only later ({where_made}): move this statement behind it"));
            }
            if !(self.done)(i, j) {
                return Some(format!(
                    "{name} is made by {where_made}, which has not run: snowdeck deploy --through {}",
                    stage.id
                ));
            }
            let role = self.role().map_or_else(|| "this role".to_owned(), |r| format!("the role {r}"));
            return Some(format!(
                "{name} was made by {where_made}. Either {role} may not see it (grant it, or USE ROLE its owner), or it was \
                 dropped since: snowdeck deploy --stage {} --again",
                stage.id
            ));
        }
        let creates = |s: &Step| s.sql.get(..6).is_some_and(|w| w.eq_ignore_ascii_case("CREATE"));
        let known = self.plan.steps().filter(|(_, _, s)| creates(s)).map(|(_, _, s)| s.title.as_str());
        let near = nearest(&name, known);
        Some(match near {
            Some(near) => format!("did you mean {near}?"),
            None => format!("no statement of this pipeline makes {name}: is the name right, and the database in use?"),
        })
    }

    fn unknown_column(&self) -> Option<String> {
        let name = last_part(self.named.as_deref()?).to_owned();
        let words = self.plan.steps().flat_map(|(_, _, s)| words_of(&s.sql).map(|(_, w)| w));
        let near = nearest(&name, words.filter(|w| !w.eq_ignore_ascii_case(&name)));
        Some(near.map_or_else(
            || format!("nothing that the statement reads has a column {name}"),
            |near| format!("did you mean {near}?"),
        ))
    }

    fn syntax(&self) -> Option<String> {
        let unexpected = self.named.as_deref()?;
        if unexpected.starts_with('!') {
            return Some(
                "lines that begin with ! are SnowSQL's own: leave them out, blocks need no other delimiter here".into(),
            );
        }
        if unexpected == "<EOF>" {
            return Some("the statement ends too early: is a bracket, an END or a quote missing?".to_owned());
        }
        // The word that is not understood is the one named, or the one before it.
        let before = self.word_before(unexpected);
        [Some(unexpected), before.as_deref()].into_iter().flatten().find_map(|word| {
            let near = nearest(word, names::KEYWORDS.iter().copied())?;
            (!near.eq_ignore_ascii_case(word)).then(|| format!("did you mean {near} instead of {word}?"))
        })
    }

    /// S3 has refused a stage's keys or role.
    fn door(&self) -> String {
        let makes_stage = |s: &Step| {
            let words: Vec<String> = s.sql.split_whitespace().take(4).map(str::to_ascii_uppercase).collect();
            words.first().is_some_and(|w| w == "CREATE") && words.iter().any(|w| w == "STAGE")
        };
        let made = self.plan.steps().find(|(_, _, s)| makes_stage(s)).and_then(|(i, ..)| self.plan.stages.get(i));
        let again = made.map_or_else(
            || "make the stage again".to_owned(),
            |stage| format!("snowdeck deploy --stage {} --again", stage.id),
        );
        format!(
            "S3 refused the stage's keys or its role. Keys that have changed since, or have run out, come into the stages by \
             {again}; a role must trust the user and the external id that DESC INTEGRATION shows"
        )
    }

    /// What the embedded cloud does not know may be a slip of the pen.
    fn unsupported(&self) -> String {
        let sql = self.sql.to_ascii_uppercase();
        if sql.contains("MASKING POLICY") || sql.contains("ROW ACCESS POLICY") {
            return "policies need Snowflake's Enterprise Edition or a higher one".to_owned();
        }
        let last = self.named.as_deref().and_then(|n| n.split_whitespace().last());
        let near = last.and_then(|word| nearest(word, names::KEYWORDS.iter().copied()).map(|near| (near, word)));
        match near {
            Some((near, word)) if !near.eq_ignore_ascii_case(word) => format!("did you mean {near} instead of {word}?"),
            _ => {
                "the embedded cloud does not know this; an account may: skip the statement here, or run it there".into()
            }
        }
    }

    fn word_before(&self, word: &str) -> Option<String> {
        let words: Vec<&str> = words_of(self.sql).map(|(_, w)| w).collect();
        let at = words.iter().position(|w| w.eq_ignore_ascii_case(word))?;
        Some((*words.get(at.checked_sub(1)?)?).to_owned())
    }

    /// The right that is missing.
    fn right(&self) -> String {
        let role = self.role().unwrap_or("the role in use");
        let object = self.named.as_deref().unwrap_or("it");
        let kind = self.error.message.split(" on ").nth(1).and_then(|t| t.split_whitespace().next()).unwrap_or("");
        let mut words = self.sql.split_whitespace().map(str::to_ascii_uppercase);
        let (verb, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let privilege = match verb.as_str() {
            "SELECT" | "WITH" => "SELECT".to_owned(),
            "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE" | "MERGE" => verb,
            "COPY" => "INSERT (and USAGE on the stage)".to_owned(),
            "CREATE" => {
                let what = if second == "OR" { "…".to_owned() } else { second };
                format!("CREATE {what}")
            }
            "USE" | "CALL" => "USAGE".to_owned(),
            "EXECUTE" => "EXECUTE TASK".to_owned(),
            _ => "OWNERSHIP".to_owned(),
        };
        let on = if kind.is_empty() { String::new() } else { format!("{} ", kind.to_ascii_uppercase()) };
        format!(
            "{role} lacks {privilege} on {}{object}: put USE ROLE its owner above the statement, or have its owner run \
             GRANT {privilege} ON {on}{object} TO ROLE {role}",
            if kind.is_empty() { String::new() } else { format!("{kind} ") }
        )
    }
}

#[cfg(test)]
mod tests;
