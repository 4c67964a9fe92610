//! Functions that need the session: SYSTEM$STREAM_HAS_DATA and its like.

use super::super::catalog::{Body, Kind};
use super::super::delta;
use super::super::error::{SfError, SfResult};
use super::super::sql::Cursor;
use super::super::types::Ty;
use super::Bound;
use super::binder::Binder;

impl Binder<'_, '_> {
    /// A function that is answered from the session; `None` where the name is not one.
    ///
    /// # Errors
    /// What the function refuses.
    pub fn session_function(&mut self, name: &str, args: &[Bound]) -> SfResult<Option<Bound>> {
        match name {
            "SYSTEM$STREAM_HAS_DATA" => {
                let text = args.first().ok_or_else(|| missing_argument(name))?.clone();
                let text = self.constant_text(&text)?;
                self.stream_has_data(&text).map(Some)
            }
            "SYSTEM$WAIT" => self.wait(args).map(Some),
            "SYSTEM$CANCEL_QUERY" | "SYSTEM$CANCEL_ALL_QUERIES" => {
                let id = args.first().ok_or_else(|| missing_argument(name))?.clone();
                let id = self.constant_text(&id)?;
                let said = if name == "SYSTEM$CANCEL_QUERY" { self.cancel_query(&id) } else { self.cancel_all(&id) };
                said.map(|text| Some(Bound::text(&text)))
            }
            "GET_DDL" if args.len() >= 2 => {
                let kind = self.constant_text(&args[0])?;
                let name = self.constant_text(&args[1])?;
                let full = args.get(2).map(|a| self.constant_text(a)).transpose()?;
                let full = full.is_some_and(|v| v.eq_ignore_ascii_case("true"));
                let text = super::super::stmt::show::get_ddl(self.cx, &kind, &name, full)?;
                Ok(Some(Bound { ty: Ty::TEXT, ..Bound::text(&text) }))
            }
            "GETVARIABLE" => {
                let name = self.constant_text(args.first().ok_or_else(|| missing_argument(name))?)?;
                let found = self.cx.s.vars.get(&name).cloned();
                let text = found.map(|v| super::expr::text(&v, &self.env)).transpose()?;
                Ok(Some(text.unwrap_or_else(|| Bound::new("CAST(NULL AS VARCHAR)", Ty::TEXT))))
            }
            "SYSTEM$PIPE_STATUS" | "SYSTEM$PIPE_FORCE_RESUME" => {
                super::super::stmt::pipe::system_function(self, name, args).map(Some)
            }
            _ => super::super::stmt::task::system_function(self, name, args),
        }
    }

    /// SYSTEM$WAIT(amount [, unit]): returns after that time, or when the statement is cancelled.
    fn wait(&mut self, args: &[Bound]) -> SfResult<Bound> {
        let amount = self.constant_text(args.first().ok_or_else(|| missing_argument("SYSTEM$WAIT"))?)?;
        let unit = args.get(1).map(|a| self.constant_text(a)).transpose()?.unwrap_or_else(|| "SECONDS".into());
        let bad = || SfError::compile("001014", "22023", format!("invalid value [{amount} {unit}] for SYSTEM$WAIT"));
        let factor = match unit.to_ascii_uppercase().as_str() {
            "DAYS" => 86_400_000,
            "HOURS" => 3_600_000,
            "MINUTES" => 60_000,
            "SECONDS" => 1_000,
            "MILLISECONDS" => 1,
            _ => return Err(bad()),
        };
        let wait_ms = amount.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).ok_or_else(bad)?;
        let started = std::time::Instant::now();
        let wait = std::time::Duration::from_millis(wait_ms);
        while let Some(left) = wait.checked_sub(started.elapsed()).filter(|l| !l.is_zero()) {
            if self.cx.q.cancelled.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(SfError::new("000604", "57014", "SQL execution canceled"));
            }
            std::thread::sleep(left.min(std::time::Duration::from_millis(20)));
        }
        Ok(Bound { ty: Ty::TEXT, ..Bound::text(&format!("waited {amount} {}", unit.to_ascii_lowercase())) })
    }

    /// Ends a running statement of one's own; anybody's with MANAGE GRANTS, which ACCOUNTADMIN has.
    fn cancel_query(&mut self, id: &str) -> SfResult<String> {
        let found = self.cx.engine.sessions().into_iter().find(|s| s.running().is_some_and(|r| r.id == id));
        let Some(session) = found else {
            return Ok("Identified SQL statement is not currently executing.".to_owned());
        };
        if session.user != self.cx.s.user && !self.cx.in_scope("SELECT", |s| s.account_privilege("MANAGE GRANTS")) {
            let text = "SQL access control error:\nInsufficient privileges to operate on the query";
            return Err(SfError::new("003001", "42501", text));
        }
        session.cancel_query(id);
        Ok(format!("query [{id}] terminated."))
    }

    /// Ends what a session runs.
    fn cancel_all(&mut self, session: &str) -> SfResult<String> {
        let session = session.trim().parse().ok().and_then(|n| self.cx.engine.session(n));
        match session.and_then(|s| s.running()) {
            Some(running) if running.id != self.cx.q.id => {
                self.cancel_query(&running.id)?;
                Ok("1 cancelled.".to_owned())
            }
            _ => Ok("0 cancelled.".to_owned()),
        }
    }

    fn stream_has_data(&mut self, name: &str) -> SfResult<Bound> {
        let name = Cursor::new(name)?.name()?;
        let object = self.find(Kind::Stream, &name)?;
        self.require(&object, "SELECT")?;
        let Body::Stream(stream) = &object.body else { return Err(SfError::missing("Stream", &name.display())) };
        self.readable(&object)?;
        let windows = delta::windows(self.cx, object.id)?;
        let mut any = false;
        for id in &stream.base {
            let base = self.catalog.by_id(*id).cloned();
            if let Some(table) = base.as_ref().and_then(|o| o.table())
                && let Some(w) = windows.get(&table.store)
            {
                any = any || delta::has_data(self.cx, table, *w, stream.append_only)?;
            }
        }
        if !any {
            delta::extend(self.cx, object.id)?;
        }
        Ok(Bound { nullable: false, ..Bound::new(any.to_string(), Ty::Boolean) })
    }
}

fn missing_argument(name: &str) -> SfError {
    SfError::compile("000938", "22023", format!("not enough arguments for function [{name}()], expected 1, got 0"))
}
