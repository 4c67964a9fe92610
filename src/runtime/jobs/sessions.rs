//! Sessions that are kept open, so that a look every few seconds does not log in every few seconds.

use crate::domain::SqlError;
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::{Warehouse, Warehouses};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Sessions by what they are for.
#[derive(Default)]
pub struct Sessions {
    /// For looking, as the pipeline's owner.
    look: Mutex<Option<Arc<dyn Warehouse>>>,
    /// Of the Query pane: what it sets (`USE`, `SET`) holds for its next statement.
    query: Mutex<Option<Arc<dyn Warehouse>>>,
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

    /// The Query pane's session: as the owner in its database once that is deployed, as the profile has it before.
    ///
    /// # Errors
    /// The service cannot be reached, or refuses the profile's user.
    pub async fn query(&self, to: &dyn Warehouses, manifest: &Manifest) -> Result<Arc<dyn Warehouse>, SqlError> {
        let mut slot = self.query.lock().await;
        if let Some(session) = &*slot {
            return Ok(Arc::clone(session));
        }
        let session = match to.connect(Some(&manifest.role)).await {
            Ok(session) => {
                let none = CancellationToken::new();
                for sql in
                    [format!("USE WAREHOUSE {}", manifest.warehouse), format!("USE DATABASE {}", manifest.database)]
                {
                    // What is not there yet is said by the statement that needs it.
                    let _ = session.query(&sql, Some(1), &none).await;
                }
                *slot = Some(Arc::clone(&session));
                session
            }
            // Not kept: as soon as the role is there it is used.
            Err(error) if !error.code.is_empty() => to.connect(None).await?,
            Err(error) => return Err(error),
        };
        Ok(session)
    }

    /// Forgets the sessions after a failure that may be theirs; the next use logs in again.
    pub async fn forget(&self) {
        self.look.lock().await.take();
        self.query.lock().await.take();
    }

    /// Ends them on the server.
    pub async fn close(&self) {
        for slot in [&self.look, &self.query] {
            if let Some(session) = slot.lock().await.take() {
                session.close().await;
            }
        }
    }
}
