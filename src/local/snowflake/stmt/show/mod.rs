//! SHOW, DESCRIBE and GET_DDL.

mod account;
mod columns;
mod containers;
mod describe;
mod get_ddl;
mod grants;
mod keys;
mod parameters;
mod relations;
mod routines;
pub mod scope;
mod streams;
mod users;

pub use get_ddl::get_ddl;
pub use relations::row_counts;

use super::{CreateEntry, Entry, Statement};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use scope::{Listing, Rows, ShowScope};

/// What this module understands.
pub const ENTRIES: &[Entry] = &[
    Entry(&["SHOW"], parse),
    Entry(&["SHOW", "GRANTS"], grants::parse),
    Entry(&["SHOW", "FUTURE", "GRANTS"], grants::parse_future),
    Entry(&["SHOW", "PARAMETERS"], parameters::parse),
    Entry(&["DESC"], describe::parse),
    Entry(&["DESCRIBE"], describe::parse),
];
/// Nothing is made here.
pub const CREATE: &[CreateEntry] = &[];

/// Lists in a scope.
type Show = fn(&mut Cx<'_>, &ShowScope) -> SfResult<Rows>;

/// What SHOW lists, by its words.
const SHOWS: &[(&str, Show)] = &[
    ("TABLES", relations::tables),
    ("VIEWS", relations::views),
    ("MATERIALIZED VIEWS", relations::materialized),
    ("OBJECTS", relations::objects),
    ("COLUMNS", columns::show),
    ("SCHEMAS", containers::schemas),
    ("DATABASES", containers::databases),
    ("WAREHOUSES", account::warehouses),
    ("SEQUENCES", containers::sequences),
    ("ROLES", users::roles),
    ("USERS", users::users),
    ("STREAMS", streams::show),
    ("PIPES", super::pipe::show),
    ("MASKING POLICIES", super::policy::show_masking),
    ("ROW ACCESS POLICIES", super::policy::show_row_access),
    ("PROCEDURES", routines::procedures),
    ("USER PROCEDURES", routines::procedures),
    ("USER FUNCTIONS", routines::functions),
    ("FUNCTIONS", routines::functions),
    ("PRIMARY KEYS", keys::primary),
    ("UNIQUE KEYS", keys::unique),
    ("IMPORTED KEYS", keys::imported),
    ("EXPORTED KEYS", keys::exported),
    ("VARIABLES", parameters::variables),
    ("TRANSACTIONS", account::transactions),
    ("LOCKS", account::locks),
];

fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let terse = c.accept("TERSE");
    let Some((_, show)) = SHOWS.iter().find(|(words, _)| c.accept(words)) else {
        let mut words = vec![c.ident()?];
        let clauses = [["IN"], ["LIKE"], ["STARTS"], ["LIMIT"], ["HISTORY"], ["ON"], ["TO"], ["OF"]];
        while words.len() < 3
            && matches!(c.peek(0), sqlparser::tokenizer::Token::Word(_))
            && !clauses.iter().any(|w| c.sees(w))
        {
            words.push(c.ident()?);
        }
        return Err(SfError::unsupported(&format!("SHOW {}", words.join(" "))));
    };
    let show = *show;
    let scope = ShowScope::parse(c, terse)?;
    Ok(Listing::show(move |cx| show(cx, &scope)))
}

#[cfg(test)]
mod tests;
