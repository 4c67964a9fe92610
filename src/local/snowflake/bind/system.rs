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
            "GET_DDL" if args.len() >= 2 => {
                let kind = self.constant_text(&args[0])?;
                let name = self.constant_text(&args[1])?;
                let full = args.get(2).map(|a| self.constant_text(a)).transpose()?;
                let full = full.is_some_and(|v| v.eq_ignore_ascii_case("true"));
                let text = super::super::stmt::show::get_ddl(self.cx, &kind, &name, full)?;
                Ok(Some(Bound { ty: Ty::TEXT, ..Bound::text(&text) }))
            }
            _ => super::super::stmt::task::system_function(self, name, args),
        }
    }

    fn stream_has_data(&mut self, name: &str) -> SfResult<Bound> {
        let name = Cursor::new(name)?.name()?;
        let object = self.find(Kind::Stream, &name)?;
        self.require(&object, "SELECT")?;
        let Body::Stream(stream) = &object.body else { return Err(SfError::missing("Stream", &name.display())) };
        let mut any = false;
        for id in &stream.base {
            let base = self.catalog.by_id(*id).cloned();
            if let Some(table) = base.as_ref().and_then(|o| o.table()) {
                any |= delta::has_data(self.cx, object.id, table, stream.append_only)?;
            }
        }
        Ok(Bound { nullable: false, ..Bound::new(any.to_string(), Ty::Boolean) })
    }
}

fn missing_argument(name: &str) -> SfError {
    SfError::compile("000938", "22023", format!("not enough arguments for function [{name}()], expected 1, got 0"))
}
