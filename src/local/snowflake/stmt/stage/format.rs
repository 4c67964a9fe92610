//! File formats as statements name them: `FORMAT_NAME = …`, `TYPE = … options`, or nothing.

use crate::local::snowflake::catalog::{Body, Kind, ObjectName, Options, quote_name};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{self, Format};
use crate::local::snowflake::resolve::Scope;
use crate::local::snowflake::sql::Cursor;

/// The value of FILE_FORMAT as the cursor gives it: a JSON object of `( … )`, or a bare name.
///
/// # Errors
/// 001003 for a malformed one, 001008 for FORMAT_NAME beside TYPE, 001420 for unknown options.
pub fn parse(value: &str) -> SfResult<Options> {
    let options: Options = if value.starts_with('{') {
        serde_json::from_str(value).map_err(|_| SfError::syntax(1, 0, value))?
    } else if value == "[]" {
        Options::new()
    } else {
        [("FORMAT_NAME".to_owned(), value.to_owned())].into()
    };
    if options.contains_key("FORMAT_NAME") {
        if options.len() > 1 {
            return Err(SfError::compile(
                "001008",
                "22023",
                "FORMAT_NAME excludes TYPE and the other file format options.",
            ));
        }
    } else {
        let (ty, rest) = split(&options);
        check(&ty, &rest)?;
    }
    Ok(options)
}

fn check(ty: &str, options: &Options) -> SfResult<()> {
    let known = load::known_options(ty)?;
    match options.keys().find(|k| !known.iter().any(|(n, ..)| n == k)) {
        Some(k) => Err(load::unknown_option(ty, k)),
        None => Ok(()),
    }
}

/// TYPE and the other options.
#[must_use]
pub fn split(options: &Options) -> (String, Options) {
    let mut rest = options.clone();
    let ty = rest.remove("TYPE").map_or_else(|| "CSV".to_owned(), |t| t.to_ascii_uppercase());
    (ty, rest)
}

/// Replaces FORMAT_NAME with the format's full name, so that a stage finds it from everywhere.
///
/// # Errors
/// 002003 where it is missing, 003001.
pub fn qualify(scope: &Scope<'_>, options: &mut Options) -> SfResult<()> {
    if let Some(name) = options.get_mut("FORMAT_NAME") {
        let parsed = Cursor::new(name)?.name()?;
        let object = scope.find_as(Kind::FileFormat, &parsed, "File format")?;
        scope.require(&object, "USAGE")?;
        *name = quote_name(&object.name);
    }
    Ok(())
}

/// The format that options mean.
///
/// # Errors
/// As [`qualify`]; what [`Format::new`] refuses.
pub fn resolve(scope: &Scope<'_>, options: &Options) -> SfResult<Format> {
    let Some(name) = options.get("FORMAT_NAME") else {
        let (ty, rest) = split(options);
        return Format::new(&ty, &rest);
    };
    named(scope, &Cursor::new(name)?.name()?)
}

/// TYPE and options of the format that options mean, whether named or written out.
///
/// # Errors
/// As [`qualify`].
pub fn raw(scope: &Scope<'_>, options: &Options) -> SfResult<(String, Options)> {
    let Some(name) = options.get("FORMAT_NAME") else { return Ok(split(options)) };
    let name = Cursor::new(name)?.name()?;
    let object = scope.find_as(Kind::FileFormat, &name, "File format")?;
    scope.require(&object, "USAGE")?;
    match &object.body {
        Body::FileFormat(f) => Ok((f.ty.clone(), f.options.clone())),
        _ => Err(SfError::missing("File format", &name.display())),
    }
}

/// The named format.
///
/// # Errors
/// As [`resolve`].
pub fn named(scope: &Scope<'_>, name: &ObjectName) -> SfResult<Format> {
    let object = scope.find_as(Kind::FileFormat, name, "File format")?;
    scope.require(&object, "USAGE")?;
    match &object.body {
        Body::FileFormat(f) => Format::new(&f.ty, &f.options),
        _ => Err(SfError::missing("File format", &name.display())),
    }
}
