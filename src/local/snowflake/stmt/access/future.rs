//! Grants on what is still to come.

use super::grant::Privileges;
use super::privileges::all_on;
use super::targets::Target;
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{FutureGrant, Kind};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;

/// Grants or revokes on future objects: MANAGE GRANTS may, and a schema's owner in it.
///
/// # Errors
/// 002003 for the container, 003001.
pub(super) fn run(cx: &mut Cx<'_>, p: &Privileges) -> SfResult<Answer> {
    let Target::Future(what, around, name) = &p.target else { return Err(SfError::internal("not a future grant")) };
    let place = cx.find(*around, name)?;
    let allowed = cx.in_scope("GRANT", |s| {
        s.account_privilege("MANAGE GRANTS") || (*around == Kind::Schema && s.roles.contains(&place.owner))
    });
    if !allowed {
        return Err(SfError::privileges(&around.sql().to_ascii_lowercase(), place.bare()));
    }
    let names: Vec<String> = if p.privileges.is_empty() {
        all_on(*what).iter().map(|n| (*n).to_owned()).collect()
    } else {
        p.privileges.clone()
    };
    let now = cx.engine.clock.now_ms();
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit, _| {
        let future = edit.future_grants();
        for privilege in names {
            let same =
                |g: &FutureGrant| g.inside == place.id && g.kind == *what && g.privilege == privilege && g.to == p.role;
            if !p.revoke {
                future.retain(|g| !same(g));
                future.push(FutureGrant {
                    privilege,
                    kind: *what,
                    inside: place.id,
                    to: p.role.clone(),
                    grant_option: p.grant_option,
                    created_ms: now,
                });
            } else if p.grant_option {
                future.iter_mut().filter(|g| same(g)).for_each(|g| g.grant_option = false);
            } else {
                future.retain(|g| !same(g));
            }
        }
        Ok(())
    })?;
    Ok(Answer::done(kind::DDL))
}
