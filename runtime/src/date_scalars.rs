//! The scalars `date` and `compact`: dates, and dates and times without separators.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::scalar::{InvalidValue, Local, ReadTimeFn, Scalar, ScalarSink, Utc, read_time, trim};
use crate::xml::Writer;

/// A date, written as `2009-03-14`: [`jiff::civil::Date`].
pub enum Date {}

impl Scalar for Date {
    type Value = jiff::civil::Date;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<jiff::civil::Date>, InvalidValue> {
        let text = trim(&text);
        if text.is_empty() {
            return Ok(None);
        }
        // The rest of the notation is that of a time.
        let midnight = read_time(&format!("{text} 00:00:00"));
        midnight.map(|time| Some(time.date())).ok_or(InvalidValue("should be a date such as `2009-03-14`"))
    }

    fn write(value: &jiff::civil::Date, out: &mut ScalarSink<'_>) {
        match value.year() {
            0.. => out.write_str(&value.strftime("%Y-%m-%d").to_string()),
            _ => out.fail("should not be before the year 0"),
        }
    }
}

/// A date or a time without separators: `20090314080540` for [`Utc`] and [`Local`], `20090314` for [`Date`].
///
/// The notations of `T` are read too.
pub struct Compact<T>(PhantomData<T>);

/// A date or a time whose notation has separators, which [`Compact`] leaves out.
pub trait Separated: Scalar {}

impl Separated for Date {}
impl Separated for Local {}
impl Separated for Utc {}

impl<T: Separated> Scalar for Compact<T> {
    type Value = T::Value;

    const READ_TIME: Option<ReadTimeFn<Self::Value>> = T::READ_TIME;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<T::Value>, InvalidValue> {
        match insert_separators(trim(&text)) {
            Some(separated) => T::read(Cow::Owned(separated)),
            None => T::read(text),
        }
    }

    fn write(value: &T::Value, out: &mut ScalarSink<'_>) {
        T::write(value, &mut out.with_append(append_digits));
    }
}

/// Inserts the separators into 8, 12 or 14 digits; `None` for any other text.
fn insert_separators(digits: &str) -> Option<String> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |start: usize| digits.get(start..start + 2);
    let date = || Some(format!("{}-{}-{}", digits.get(..4)?, part(4)?, part(6)?));
    match digits.len() {
        8 => date(),
        12 => Some(format!("{} {}:{}", date()?, part(8)?, part(10)?)),
        14 => Some(format!("{} {}:{}:{}", date()?, part(8)?, part(10)?, part(12)?)),
        _ => None,
    }
}

/// Appends the digits of a text.
fn append_digits(writer: &mut Writer, text: &str) {
    let is_digit = |c: char| c.is_ascii_digit();
    text.split(|c| !is_digit(c)).for_each(|digits| writer.write_raw(digits));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite<T: Separated>(text: &str) -> Option<String> {
        let value = Compact::<T>::read(Cow::Borrowed(text)).ok()??;
        Writer::to_string(|xml| xml.write_scalar::<Compact<T>>(&value)).ok()
    }

    #[test]
    fn reads_with_and_without_separators_and_writes_without() {
        assert_eq!(rewrite::<Utc>("20100314080540").as_deref(), Some("20100314080540"));
        assert_eq!(rewrite::<Utc>(" 201003140805 ").as_deref(), Some("20100314080500"));
        assert_eq!(rewrite::<Utc>("2010-03-14T08:05:40+02:00").as_deref(), Some("20100314060540"));
        assert_eq!(rewrite::<Local>("2010-03-14 8:05").as_deref(), Some("20100314080500"));
        assert_eq!(rewrite::<Date>("20100314").as_deref(), Some("20100314"));
        assert_eq!(rewrite::<Date>("2010-03-14").as_deref(), Some("20100314"));
        for text in ["", "2010031408", "20101314080540", "201003140805401", "2010031408054x"] {
            assert_eq!(rewrite::<Utc>(text), None, "{text}");
        }
    }
}
