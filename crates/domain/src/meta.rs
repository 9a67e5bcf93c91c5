//! What a client must know of a deployment.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Meta {
    /// The company's name.
    pub name: String,
    pub version: String,
    /// ISO 4217.
    pub currency: String,
    /// Decimals of the currency: 2 for CNY, 0 for JPY.
    pub minor_digits: u8,
    pub registration_open: bool,
    /// No account exists yet: the first one becomes the administrator.
    pub setup_needed: bool,
}
