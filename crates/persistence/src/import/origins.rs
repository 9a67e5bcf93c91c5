//! Corrected rows: which rejected rows of earlier imports they come from, and that each is brought in once.

use std::collections::{HashMap, HashSet};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::ImportId;
use guanxi_domain::permission::{Module, Operation};

use super::batch::{Batch, BatchRow, Fate};
use crate::schema::{import_rejects, imports};
use crate::{AnyConnection, Result, Tx};

/// An import and a row of it.
pub(super) type Origin = (ImportId, i64);

#[derive(Default)]
pub(super) struct Origins {
    /// Earlier imports that the person sees.
    imports: HashSet<ImportId>,
    /// The rows that those rejected and that nothing has brought in since.
    open: HashSet<Origin>,
    /// Brought in by this batch, so that a file which holds a row twice brings it in once.
    met: HashSet<Origin>,
}

impl Origins {
    pub fn look_up(connection: &mut AnyConnection, batch: &Batch) -> Result<Self> {
        let mut origins = Self::default();
        let mut named: HashMap<ImportId, Vec<i64>> = HashMap::new();
        let others = batch.rows.iter().filter_map(|row| row.origin);
        for (import, row) in others.filter(|(import, _)| *import != batch.import) {
            named.entry(import).or_default().push(row);
        }
        let visibility = batch.actor.visibility(Module::Imports, Operation::Read);
        let (false, Some(visibility)) = (named.is_empty(), visibility) else {
            return Ok(origins);
        };
        let visible: Vec<ImportId> = imports::table
            .filter(imports::id.eq_any(named.keys().copied().collect::<Vec<_>>()))
            .filter(visibility.owned_by("imports", "by_id"))
            .select(imports::id)
            .load(connection)?;
        for import in visible {
            let rows = named.remove(&import).unwrap_or_default();
            let open: Vec<i64> = import_rejects::table
                .filter(import_rejects::import_id.eq(import))
                .filter(import_rejects::row_number.eq_any(&rows))
                .filter(import_rejects::resolved.eq(false))
                .select(import_rejects::row_number)
                .load(connection)?;
            origins.imports.insert(import);
            origins
                .open
                .extend(open.into_iter().map(|row| (import, row)));
        }
        Ok(origins)
    }

    /// Whose row it is: decides which orders it may join.
    pub fn of(&self, batch: &Batch, row: &BatchRow) -> Origin {
        match row.origin {
            Some(origin) if self.imports.contains(&origin.0) => origin,
            _ => (batch.import, row.number),
        }
    }

    /// Whether the row is in already.
    pub fn is_in(&self, batch: &Batch, origin: Origin) -> bool {
        let corrects = origin.0 != batch.import;
        corrects && !self.open.contains(&origin) || self.met.contains(&origin)
    }

    pub fn meet(&mut self, origin: Origin) {
        self.met.insert(origin);
    }

    /// Notes of the rejected rows that this batch has brought in that they are.
    pub fn resolve(&self, tx: &mut Tx<'_>, batch: &Batch, fates: &[Fate]) -> Result<()> {
        let mut brought: HashMap<ImportId, Vec<i64>> = HashMap::new();
        for (row, fate) in batch.rows.iter().zip(fates) {
            let (import, number) = self.of(batch, row);
            if import != batch.import && matches!(fate, Fate::Created | Fate::Updated) {
                brought.entry(import).or_default().push(number);
            }
        }
        for (import, rows) in brought {
            diesel::update(
                import_rejects::table
                    .filter(import_rejects::origin_import_id.eq(import))
                    .filter(import_rejects::origin_row.eq_any(rows)),
            )
            .set(import_rejects::resolved.eq(true))
            .execute(tx.connection)?;
        }
        Ok(())
    }
}
