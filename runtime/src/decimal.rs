//! The scalar `decimal`.

use std::borrow::Cow;

use crate::scalar::{InvalidValue, Scalar, ScalarSink, trim};

/// A decimal number such as `-19.90`: [`rust_decimal::Decimal`]. Zeros at the end are kept.
pub enum Decimal {}

impl Scalar for Decimal {
    type Value = rust_decimal::Decimal;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<rust_decimal::Decimal>, InvalidValue> {
        let text = trim(&text);
        if text.is_empty() {
            return Ok(None);
        }
        let number = if is_decimal(text) { rust_decimal::Decimal::from_str_exact(text).ok() } else { None };
        number.map(Some).ok_or(InvalidValue("should be a decimal number such as `19.90`, with at most 28 digits"))
    }

    fn write(value: &rust_decimal::Decimal, out: &mut ScalarSink<'_>) {
        out.write_str(&value.to_string());
    }
}

/// `true` for `-?digits` or `-?digits.digits`.
fn is_decimal(text: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    is_number(whole) && is_number(fraction)
}
