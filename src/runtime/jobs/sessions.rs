//! Sessions that are kept open, so that a look every few seconds does not log in every few seconds.

use crate::app::Place;
use crate::domain::SqlError;
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::{Warehouse, Warehouses};
use crate::runtime::services::Opened;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Sessions by what they are for.
#[derive(Default)]
pub struct Sessions {
    /// For looking, as the pipeline's owner.
    look: Mutex<Option<Arc<dyn Warehouse>>>,
    /// Of the Query pane: what it sets (`USE`, `SET`) holds for its next statement.
    query: Mutex<Query>,
    /// For reading names beside it, so that statements need not wait.
    names: Mutex<Option<Arc<dyn Warehouse>>>,
}

/// The Query pane's session and what is wanted of it.
#[derive(Default)]
struct Query {
    open: Option<QuerySession>,
    /// The profile, where it is another than the console's.
    profile: Option<String>,
    /// The role, where one was picked.
    role: Option<String>,
    /// Profiles that were opened.
    others: BTreeMap<String, Opened>,
}

/// The Query pane's session.
#[derive(Clone)]
pub struct QuerySession {
    /// The session.
    pub session: Arc<dyn Warehouse>,
    /// Where it stands after its login.
    pub place: Place,
    /// It was opened by this call.
    pub fresh: bool,
    /// The owner's role was not there: the profile's is used until it is.
    stopgap: bool,
}

/// What a Query session needs to be opened.
#[derive(Clone, Copy)]
pub struct Home<'a> {
    /// The console's profile.
    pub profile: &'a str,
    /// It is an account.
    pub account: bool,
    /// Its sessions.
    pub to: &'a dyn Warehouses,
    /// The pipeline.
    pub manifest: &'a Manifest,
}

impl Sessions {
    /// The session for looking. `None` while the owner's role is not there: nothing has been deployed.
    ///
    /// # Errors
    /// The service cannot be reached.
    pub async fn look(&self, to: &dyn Warehouses, manifest: &Manifest) -> Result<Option<Arc<dyn Warehouse>>, SqlError> {
        let mut slot = self.look.lock().await;
        if slot.is_none() {
            match to.connect(Some(&manifest.role)).await {
                Ok(session) => *slot = Some(session),
                // A server that answers with a refusal is there; what is missing is the role.
                Err(error) if !error.code.is_empty() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(slot.clone())
    }

    /// The Query pane's session: as the owner in its database once that is deployed, as the profile has it before; in
    /// another profile, or another role, where that was picked.
    ///
    /// # Errors
    /// The service cannot be reached, or refuses the user or the role.
    pub async fn query(&self, home: Home<'_>) -> Result<QuerySession, SqlError> {
        let mut slot = self.query.lock().await;
        if let Some(open) = &slot.open {
            return Ok(QuerySession { fresh: false, ..open.clone() });
        }
        let (session, stopgap) = slot.connect(home).await?;
        if slot.profile.is_none() {
            let none = CancellationToken::new();
            for sql in [
                format!("USE WAREHOUSE {}", home.manifest.warehouse),
                format!("USE DATABASE {}", home.manifest.database),
            ] {
                // What is not there yet is said by the statement that needs it.
                let _ = session.query(&sql, Some(1), &none).await;
            }
        }
        let (profile, account) = slot.named(home);
        let place = place(session.as_ref(), &profile, account).await?;
        let open = QuerySession { session, place, fresh: true, stopgap };
        slot.open = Some(open.clone());
        Ok(open)
    }

    /// A session for reading names, where the Query pane's stands.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn names(&self, home: Home<'_>) -> Result<Arc<dyn Warehouse>, SqlError> {
        let mut slot = self.names.lock().await;
        if let Some(session) = &*slot {
            return Ok(Arc::clone(session));
        }
        let (session, _) = self.query.lock().await.connect(home).await?;
        *slot = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Goes on in another session: of `profile` where that is not the console's, as `role` where given. The session
    /// before stays where the new one is refused.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn switch(
        &self,
        home: Home<'_>,
        other: Option<(String, Opened)>,
        role: Option<String>,
    ) -> Result<Place, SqlError> {
        let (before, kept) = {
            let mut slot = self.query.lock().await;
            let kept = (slot.profile.clone(), slot.role.clone());
            slot.profile = other.as_ref().map(|(name, _)| name.clone());
            slot.role = role;
            if let Some((name, opened)) = other {
                slot.others.insert(name, opened);
            }
            (slot.open.take(), kept)
        };
        match self.query(home).await {
            Ok(open) => {
                if let Some(before) = before {
                    before.session.close().await;
                }
                if let Some(names) = self.names.lock().await.take() {
                    names.close().await;
                }
                Ok(open.place)
            }
            Err(error) => {
                let mut slot = self.query.lock().await;
                (slot.profile, slot.role) = kept;
                slot.open = before;
                Err(error)
            }
        }
    }

    /// Whether a profile was opened before.
    pub async fn opened(&self, profile: &str) -> Option<Opened> {
        self.query.lock().await.others.get(profile).cloned()
    }

    /// Something was deployed: a session that only stood in for the owner's is no longer needed.
    pub async fn deployed(&self) {
        let stopgap = self.query.lock().await.open.take_if(|open| open.stopgap);
        if let Some(open) = stopgap {
            open.session.close().await;
        }
        if let Some(names) = self.names.lock().await.take() {
            names.close().await;
        }
    }

    /// Forgets the sessions after a failure that may be theirs; the next use logs in again.
    pub async fn forget(&self) {
        self.look.lock().await.take();
        self.query.lock().await.open.take();
        self.names.lock().await.take();
    }

    /// Ends them on the server.
    pub async fn close(&self) {
        let query = self.query.lock().await.open.take().map(|open| open.session);
        let all = [self.look.lock().await.take(), query, self.names.lock().await.take()];
        for session in all.into_iter().flatten() {
            session.close().await;
        }
    }
}

impl Query {
    /// Logs in where and as whom is wanted. Whether the owner's role was not there.
    async fn connect(&self, home: Home<'_>) -> Result<(Arc<dyn Warehouse>, bool), SqlError> {
        let other = self.profile.as_ref().and_then(|name| self.others.get(name));
        let to = other.map_or(home.to, |opened| opened.warehouses.as_ref());
        match (&self.role, other) {
            (Some(role), _) => Ok((to.connect(Some(role)).await?, false)),
            (None, Some(_)) => Ok((to.connect(None).await?, false)),
            (None, None) => match to.connect(Some(&home.manifest.role)).await {
                Ok(session) => Ok((session, false)),
                Err(error) if !error.code.is_empty() => Ok((to.connect(None).await?, true)),
                Err(error) => Err(error),
            },
        }
    }

    /// The profile's name, and whether it is an account.
    fn named(&self, home: Home<'_>) -> (String, bool) {
        let other = self.profile.as_ref().and_then(|name| Some((name.clone(), self.others.get(name)?.account)));
        other.unwrap_or_else(|| (home.profile.to_owned(), home.account))
    }
}

/// Where a session stands.
///
/// # Errors
/// The server's refusal.
pub async fn place(session: &dyn Warehouse, profile: &str, account: bool) -> Result<Place, SqlError> {
    let sql = "SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE(), CURRENT_SCHEMA()";
    let answer = session.query(sql, Some(1), &CancellationToken::new()).await?;
    let mut cells = answer.rows.into_iter().next().unwrap_or_default().into_iter().map(Option::unwrap_or_default);
    let mut next = || cells.next().unwrap_or_default();
    let (role, warehouse, database, schema) = (next(), next(), next(), next());
    Ok(Place { profile: profile.to_owned(), account, role, warehouse, database, schema })
}
