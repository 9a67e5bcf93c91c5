//! The settings: one row.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::settings::{Settings, SettingsInput};
use guanxi_domain::{Checked, Zone};

use crate::schema::settings;
use crate::stored::Json;
use crate::{AnyConnection, Error, Result, Tx, report};

/// The settings, or the defaults if nobody has changed any.
pub fn get(connection: &mut AnyConnection) -> Result<Settings> {
    let row: Option<(i64, Json<SettingsInput>)> = settings::table
        .find(1)
        .select((settings::version, settings::data))
        .first(connection)
        .optional()?;
    match row {
        Some((version, data)) => Ok(Settings {
            version,
            input: data.get()?,
        }),
        None => Ok(Settings {
            version: 1,
            input: SettingsInput::default(),
        }),
    }
}

/// The company's time zone.
pub fn zone(settings: &SettingsInput) -> Zone {
    // It was known when it was set; a program that knows fewer still has clocks.
    Zone::find(&settings.time_zone).unwrap_or(Zone::UTC)
}

pub fn update(tx: &mut Tx<'_>, version: i64, input: &Checked<SettingsInput>) -> Result<Settings> {
    let old = get(tx.connection)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    if Zone::find(&input.time_zone).is_none() {
        return Err(Error::invalid("/time_zone", "time_zone"));
    }
    let new = Settings {
        version: version + 1,
        input: (**input).clone(),
    };
    let values = (
        settings::id.eq(1),
        settings::version.eq(new.version),
        settings::data.eq(Json::new(&new.input)?),
    );
    let changed = diesel::update(
        settings::table
            .find(1)
            .filter(settings::version.eq(version)),
    )
    .set((
        settings::version.eq(new.version),
        settings::data.eq(Json::new(&new.input)?),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        diesel::insert_into(settings::table)
            .values(values)
            .execute(tx.connection)
            .map_err(|_| Error::Stale)?;
    }
    if old.input.time_zone != new.input.time_zone {
        report::schedule::replan(tx)?;
    }
    tx.updated("settings", "1", &old.input, &new.input)?;
    Ok(new)
}
