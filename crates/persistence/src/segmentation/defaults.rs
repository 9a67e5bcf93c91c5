//! The settings that runs are made with: one row.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::segmentation::run::{NIGHTLY, SegmentationDefaults, SegmentationDefaultsInput};
use guanxi_domain::{Checked, Timestamp};

use crate::schema::segmentation_settings::{self, data, id, version};
use crate::settings;
use crate::stored::Json;
use crate::{AnyConnection, Error, Result, Tx};

/// The settings, or the program's own if nobody has changed any.
pub fn get(connection: &mut AnyConnection) -> Result<SegmentationDefaults> {
    let row: Option<(i64, Json<SegmentationDefaultsInput>)> = segmentation_settings::table
        .find(1)
        .select((version, data))
        .first(connection)
        .optional()?;
    let (number, input) = match row {
        Some((number, kept)) => (number, kept.get()?),
        None => (1, SegmentationDefaultsInput::default()),
    };
    Ok(SegmentationDefaults {
        version: number,
        next_at: NIGHTLY.next(Timestamp::now()),
        time_zone: settings::get(connection)?.input.time_zone,
        input,
    })
}

pub fn update(
    tx: &mut Tx<'_>,
    known: i64,
    input: &Checked<SegmentationDefaultsInput>,
) -> Result<SegmentationDefaults> {
    let old = get(tx.connection)?;
    if old.version != known {
        return Err(Error::Stale);
    }
    let new = SegmentationDefaults {
        version: known + 1,
        input: (**input).clone(),
        ..old.clone()
    };
    let kept = Json::new(&new.input)?;
    let changed = diesel::update(
        segmentation_settings::table
            .find(1)
            .filter(version.eq(known)),
    )
    .set((version.eq(new.version), data.eq(kept.clone())))
    .execute(tx.connection)?;
    if changed == 0 {
        diesel::insert_into(segmentation_settings::table)
            .values((id.eq(1), version.eq(new.version), data.eq(kept)))
            .execute(tx.connection)
            .map_err(|_| Error::Stale)?;
    }
    tx.updated("segmentation_settings", "1", &old.input, &new.input)?;
    Ok(new)
}
