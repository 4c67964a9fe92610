//! Fills in the variables of an SQL file and remembers which line of the file each line came from.
//!
//! Templates are Jinja, as schemachange, dbt and the snow CLI have it: `{{ name }}`, `{% if name %}`. `{{ name | quote }}`
//! makes an SQL string of a value. A variable that has no value is an error, never an empty text.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};
use std::collections::BTreeMap;

/// Put around a line number in the text that is rendered; taken out again afterwards.
const MARK: char = '\u{F8F0}';

/// A template that cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct TemplateError {
    /// The file, relative to the pipeline's folder.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, in words.
    pub message: String,
}

/// Rendered text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rendered {
    pub text: String,
    /// For each line of `text`, the line of the file that it comes from.
    lines: Vec<u32>,
}

impl Rendered {
    /// The file's line for a line of the text, both from 1.
    pub fn source_line(&self, line: u32) -> u32 {
        let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
        self.lines.get(index).or(self.lines.last()).copied().unwrap_or(line)
    }
}

/// Renders one file with the given variables.
pub(super) fn render(
    file: &str,
    source: &str,
    variables: &BTreeMap<String, String>,
) -> Result<Rendered, TemplateError> {
    let marked = mark_lines(source);
    let failed = |error: &Error| TemplateError {
        file: file.to_owned(),
        line: error.line().and_then(|l| u32::try_from(l).ok()).unwrap_or(1),
        message: explain(error, source, variables),
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|e| failed(&e))?);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_filter("quote", |value: &Value| {
        if value.is_undefined() { Err(Error::from(ErrorKind::UndefinedError)) } else { Ok(quote(&value.to_string())) }
    });
    environment.add_template(file, &marked).map_err(|e| failed(&e))?;
    let template = environment.get_template(file).map_err(|e| failed(&e))?;
    let text = template.render(variables).map_err(|e| failed(&e))?;
    Ok(take_marks(&text))
}

/// An SQL string with the value inside: quotes doubled, backslashes too, as Snowflake reads them as escapes.
pub(in crate::jobs) fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// The error in words; for a missing variable its name and the names that there are.
fn explain(error: &Error, source: &str, variables: &BTreeMap<String, String>) -> String {
    let names: Vec<&str> = variables.keys().map(String::as_str).collect();
    if error.kind() == ErrorKind::UndefinedError {
        let line = error.line().and_then(|l| source.lines().nth(l.saturating_sub(1))).unwrap_or("").trim();
        return format!(
            "a variable has no value in `{line}`: give it in the profile or a default in pipeline.toml (known: {})",
            names.join(", ")
        );
    }
    error.detail().map_or_else(|| error.kind().to_string(), ToString::to_string)
}

/// Puts `MARK number MARK` at the start of every line that lies outside of template tags.
fn mark_lines(source: &str) -> String {
    let mut marked = String::with_capacity(source.len() * 2);
    let mut closer: Option<&str> = None;
    for (index, line) in source.split_inclusive('\n').enumerate() {
        let starts_tag = line.trim_start().starts_with("{%") || line.trim_start().starts_with("{#");
        if closer.is_none() && !starts_tag {
            marked.push_str(&format!("{MARK}{}{MARK}", index + 1));
        }
        marked.push_str(line);
        closer = open_tag(line, closer);
    }
    marked
}

/// The closing sign of the tag that is still open at the end of the line, if one is.
fn open_tag<'a>(line: &str, mut closer: Option<&'a str>) -> Option<&'a str> {
    let mut rest = line;
    loop {
        let sign = match closer {
            Some(sign) => rest.find(sign).map(|at| (at, None)),
            None => [("{{", "}}"), ("{%", "%}"), ("{#", "#}")]
                .into_iter()
                .filter_map(|(open, close)| rest.find(open).map(|at| (at, Some(close))))
                .min_by_key(|(at, _)| *at),
        };
        let Some((at, next)) = sign else { return closer };
        closer = next;
        rest = &rest[at + 2..];
    }
}

/// Takes the marks out again and notes where each line came from.
fn take_marks(text: &str) -> Rendered {
    let (mut plain, mut lines, mut current) = (String::with_capacity(text.len()), Vec::new(), 1);
    for line in text.split_inclusive('\n') {
        let mut first = None;
        for (index, part) in line.split(MARK).enumerate() {
            match part.parse::<u32>() {
                Ok(number) if index % 2 == 1 => first = first.or(Some(number)),
                _ => plain.push_str(part),
            }
        }
        current = first.unwrap_or(current);
        lines.push(current);
    }
    Rendered { text: plain, lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn values_are_quoted_as_snowflake_reads_them() {
        let got = render("a.sql", "SELECT {{ v | quote }}, {{ v }}\n", &variables(&[("v", r"it's a\b")])).unwrap();
        assert_eq!(got.text, "SELECT 'it''s a\\\\b', it's a\\b\n");
    }

    #[test]
    fn a_variable_without_a_value_names_file_line_and_what_is_known() {
        for source in
            ["SELECT 1;\n\nSELECT {{ missing }};\n", "\n\n{{ missing | quote }}", "\n\n{% if missing %}x{% endif %}"]
        {
            let error = render("x/a.sql", source, &variables(&[("bucket", "b")])).unwrap_err();
            assert_eq!((error.file.as_str(), error.line), ("x/a.sql", 3), "{source}");
            assert!(error.to_string().contains("missing") && error.to_string().contains("known: bucket"), "{error}");
        }
    }

    #[test]
    fn a_broken_template_names_file_and_line() {
        let error = render("a.sql", "SELECT 1;\n{% if x %}\nSELECT 2;\n", &variables(&[])).unwrap_err();
        assert_eq!(error.file, "a.sql");
        assert!(error.line >= 2, "{error}");
        let error = render("a.sql", "SELECT 1;\n{{ a b }}\n", &variables(&[])).unwrap_err();
        assert_eq!(error.line, 2);
    }

    #[test]
    fn lines_lead_back_to_the_file() {
        let source =
            "{% if a %}\n-- one\nSELECT 1;\n{% endif %}\n{% if b %}\nSELECT 2;\n{% endif %}\n{{\n  a\n}}\nSELECT 3;\n";
        let got = render("a.sql", source, &variables(&[("a", "x"), ("b", "")])).unwrap();
        assert_eq!(got.text, "-- one\nSELECT 1;\nx\nSELECT 3;\n");
        assert_eq!([1, 2, 3, 4].map(|l| got.source_line(l)), [2, 3, 8, 11]);
    }
}
