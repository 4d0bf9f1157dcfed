//! Values that are written as text, in an attribute, an element, a path or a query.
//!
//! Rust's type does not say how a value is written: a [`jiff::Timestamp`] is `2009-03-14 08:05:40` in one style and
//! `2009-03-14T08:05:40Z` in the other. So each way of writing is a type of its own here, which implements [`Scalar`]
//! and is never made: generated code names it, as in `xml.scalar::<Utc>()`. Ids and enums are their own scalars.

use std::borrow::Cow;
use std::marker::PhantomData;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::secret::Secret;
use crate::xml::Writer;

/// A way to write a value as text, and to read it.
pub trait Scalar {
    /// What is written.
    type Value;

    /// How more of it is added, if it is several values in one text: servers take them in elements that repeat too.
    const ADD: Option<Add<Self::Value>> = None;

    /// Reads a value; `None` if the text means that there is none.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the text is no such value. It says what was expected, and never holds the text.
    fn read(text: Cow<'_, str>) -> Result<Option<Self::Value>, Invalid>;

    /// Writes a value; one that could not be read back is a failure of the writer.
    fn write(value: &Self::Value, out: &mut Out<'_>);
}

/// Adds to a value.
pub type Add<V> = fn(&mut V, V);

/// What a text should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid(pub &'static str);

impl Invalid {
    /// A number of something that is larger than any can be, so that there is no such thing.
    pub const TOO_LARGE: Self = Self("should be a number below 2^64");
}

/// Where a scalar is written: it escapes as the place needs.
pub struct Out<'w> {
    writer: &'w mut Writer,
    place: fn(&mut Writer, &str),
}

impl<'w> Out<'w> {
    pub(crate) fn new(writer: &'w mut Writer, place: fn(&mut Writer, &str)) -> Self {
        Self { writer, place }
    }

    /// Writes text.
    pub fn put(&mut self, text: &str) {
        (self.place)(self.writer, text);
    }

    /// Writes text that no place escapes, such as digits, without a look at it.
    fn plain(&mut self, text: &str) {
        self.writer.raw(text);
    }

    /// Says why the value cannot be written.
    pub fn fail(&mut self, problem: &'static str) {
        self.writer.fail(problem);
    }
}

/// White space, as XML has it.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Text without white space around it. Nearly always there is none.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [(b'!'..), .., (b'!'..)] | [(b'!'..)] => text,
        _ => text.trim_matches(is_space),
    }
}

/// Text, as it is: `String`. Never trimmed.
pub enum Text {}

impl Scalar for Text {
    type Value = String;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<String>, Invalid> {
        Ok(Some(text.into_owned()))
    }

    fn write(value: &String, out: &mut Out<'_>) {
        out.put(value);
    }
}

/// Text without white space: `String`.
pub enum Word {}

impl Scalar for Word {
    type Value = String;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<String>, Invalid> {
        Ok(read_word(&text)?.map(str::to_owned))
    }

    fn write(value: &String, out: &mut Out<'_>) {
        write_word(value, out);
    }
}

/// A word that is never shown: [`Secret`].
pub enum Hidden {}

impl Scalar for Hidden {
    type Value = Secret;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<Secret>, Invalid> {
        Ok(read_word(&text)?.map(Secret::from))
    }

    fn write(value: &Secret, out: &mut Out<'_>) {
        write_word(value.expose(), out);
    }
}

fn read_word(text: &str) -> Result<Option<&str>, Invalid> {
    let word = trim(text);
    if word.contains(is_space) {
        return Err(Invalid("should be a word, without white space"));
    }
    Ok((!word.is_empty()).then_some(word))
}

/// Writes a word; refuses what would not be read back as that word.
pub(crate) fn write_word(word: &str, out: &mut Out<'_>) {
    if word.is_empty() {
        out.fail("should not be empty");
    } else if word.contains(is_space) {
        out.fail("should hold no white space");
    } else {
        out.put(word);
    }
}

/// A whole number, `-?digits`: `i64`.
pub enum Integer {}

impl Scalar for Integer {
    type Value = i64;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<i64>, Invalid> {
        read_number(&text, "should be a whole number")
    }

    fn write(value: &i64, out: &mut Out<'_>) {
        write_digits(value.unsigned_abs(), *value < 0, out);
    }
}

/// Reads digits, with a sign if the type has one. `+` is none.
pub(crate) fn read_number<N: std::str::FromStr>(text: &str, expected: &'static str) -> Result<Option<N>, Invalid> {
    let digits = trim(text);
    match digits.as_bytes() {
        [] => Ok(None),
        [b'+', ..] => Err(Invalid(expected)),
        _ => digits.parse().map(Some).map_err(|_| Invalid(expected)),
    }
}

/// Writes a number without a trip through an allocation.
pub(crate) fn write_digits(mut number: u64, negative: bool, out: &mut Out<'_>) {
    let mut digits = [b'0'; 21];
    let mut start = digits.len();
    for (index, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start = index;
        if number == 0 {
            break;
        }
    }
    if negative {
        out.plain("-");
    }
    out.plain(digits.get(start..).and_then(|digits| str::from_utf8(digits).ok()).unwrap_or_default());
}

/// `true` or `false`; `1` and `0` are read too: `bool`.
pub enum Bool {}

impl Scalar for Bool {
    type Value = bool;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<bool>, Invalid> {
        read_bool(&text, None)
    }

    fn write(value: &bool, out: &mut Out<'_>) {
        out.plain(if *value { "true" } else { "false" });
    }
}

/// `1` or `0`; `true` and `false` are read too, and nothing is `0`: `bool`.
pub enum Flag {}

impl Scalar for Flag {
    type Value = bool;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<bool>, Invalid> {
        read_bool(&text, Some(false))
    }

    fn write(value: &bool, out: &mut Out<'_>) {
        out.put(if *value { "1" } else { "0" });
    }
}

fn read_bool(text: &str, empty: Option<bool>) -> Result<Option<bool>, Invalid> {
    match trim(text) {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        "" => Ok(empty),
        _ => Err(Invalid("should be `true` or `false`, `1` or `0`")),
    }
}

/// A point in time, written in UTC as `2009-03-14 08:05:40`: [`jiff::Timestamp`].
///
/// Read without seconds too, and with a one-digit hour. Fractions of a second are not written.
pub enum Utc {}

impl Scalar for Utc {
    type Value = jiff::Timestamp;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<jiff::Timestamp>, Invalid> {
        read_timestamp(trim(&text))
    }

    fn write(value: &jiff::Timestamp, out: &mut Out<'_>) {
        write_time(Offset::UTC.to_datetime(*value), b' ', out);
    }
}

/// A point in time, written in UTC as `2008-11-05T06:41:12Z`: [`jiff::Timestamp`].
///
/// Read without seconds too, without a zone (which is UTC then), and with any other offset. Fractions of a second are
/// not written.
pub enum Timestamp {}

impl Scalar for Timestamp {
    type Value = jiff::Timestamp;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<jiff::Timestamp>, Invalid> {
        read_timestamp(trim(&text))
    }

    fn write(value: &jiff::Timestamp, out: &mut Out<'_>) {
        write_time(Offset::UTC.to_datetime(*value), b'T', out);
        out.put("Z");
    }
}

/// A date and time in a zone that somebody else knows, written as `2009-03-14 08:05:40`: [`jiff::civil::DateTime`].
///
/// Read without seconds too, with a one-digit hour, and within one pair of double quotes. Fractions of a second are
/// not written.
pub enum Local {}

impl Scalar for Local {
    type Value = DateTime;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<DateTime>, Invalid> {
        let text = trim(&text);
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        if text.is_empty() {
            return Ok(None);
        }
        read_time(text).map(Some).ok_or(Invalid("should be a date and time such as `2009-03-14 08:05:40`"))
    }

    fn write(value: &DateTime, out: &mut Out<'_>) {
        write_time(*value, b' ', out);
    }
}

fn read_timestamp(text: &str) -> Result<Option<jiff::Timestamp>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    read_time(text.strip_suffix('Z').unwrap_or(text))
        .and_then(|time| Offset::UTC.to_timestamp(time).ok())
        .or_else(|| text.parse().ok())
        .map(Some)
        .ok_or(Invalid("should be a date and time such as `2008-11-05T06:41:12Z`"))
}

/// Reads `2009-03-14 08:05:40`, `2009-03-14T8:05`.
fn read_time(text: &str) -> Option<DateTime> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ' | b'T', time @ ..] = text.as_bytes() else { return None };
    let (h1, h2, time) = match time {
        [h2, b':', time @ ..] => (&b'0', h2, time),
        [h1, h2, b':', time @ ..] => (h1, h2, time),
        _ => return None,
    };
    let (n1, n2, s1, s2) = match time {
        [n1, n2] => (n1, n2, &b'0', &b'0'),
        [n1, n2, b':', s1, s2] => (n1, n2, s1, s2),
        _ => return None,
    };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| (byte - b'0') as i8);
    let pair = |tens, ones| Some(10 * digit(tens)? + digit(ones)?);
    let year = 100 * i16::from(pair(y1, y2)?) + i16::from(pair(y3, y4)?);
    DateTime::new(year, pair(m1, m2)?, pair(d1, d2)?, pair(h1, h2)?, pair(n1, n2)?, pair(s1, s2)?, 0).ok()
}

fn write_time(time: DateTime, separator: u8, out: &mut Out<'_>) {
    let Ok(year) = u16::try_from(time.year()) else {
        return out.fail("should be a year after Christ");
    };
    let digit = |number: u16| b'0' + (number % 10) as u8;
    let pair = |number: i8| [digit(number.unsigned_abs() as u16 / 10), digit(number.unsigned_abs().into())];
    let ([m1, m2], [d1, d2]) = (pair(time.month()), pair(time.day()));
    let ([h1, h2], [n1, n2], [s1, s2]) = (pair(time.hour()), pair(time.minute()), pair(time.second()));
    let [y1, y2, y3, y4] = [digit(year / 1000), digit(year / 100), digit(year / 10), digit(year)];
    let text = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, separator, h1, h2, b':', n1, n2, b':', s1, s2];
    out.put(str::from_utf8(&text).unwrap_or_default());
}

/// Values between white space: `Vec` of the values of another scalar.
pub struct Words<T>(PhantomData<T>);

impl<T: Scalar> Scalar for Words<T> {
    type Value = Vec<T::Value>;

    const ADD: Option<Add<Self::Value>> = Some(|values, more| values.extend(more));

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<Vec<T::Value>>, Invalid> {
        let words = text.split(is_space).filter(|word| !word.is_empty());
        words.filter_map(|word| T::read(Cow::Borrowed(word)).transpose()).collect::<Result<_, _>>().map(Some)
    }

    fn write(value: &Vec<T::Value>, out: &mut Out<'_>) {
        for (index, word) in value.iter().enumerate() {
            if index > 0 {
                out.put(" ");
            }
            T::write(word, out);
        }
    }
}

/// Texts between white space, those with white space in double quotes, as in `a "b c" d`: `Vec<String>`.
pub enum Phrases {}

impl Scalar for Phrases {
    type Value = Vec<String>;

    const ADD: Option<Add<Self::Value>> = Some(|values, more| values.extend(more));

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<Vec<String>>, Invalid> {
        let mut phrases = Vec::new();
        let mut rest = text.trim_start_matches(is_space);
        while !rest.is_empty() {
            let (phrase, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => rest.split_at(rest.find(|c| is_space(c) || c == '"').unwrap_or(rest.len())),
            };
            if !phrase.is_empty() {
                phrases.push(phrase.to_owned());
            }
            rest = after.trim_start_matches(is_space);
        }
        Ok(Some(phrases))
    }

    fn write(value: &Vec<String>, out: &mut Out<'_>) {
        for (index, phrase) in value.iter().enumerate() {
            let quote = if phrase.contains(is_space) { "\"" } else { "" };
            if phrase.is_empty() {
                return out.fail("should not be empty");
            }
            if phrase.contains('"') {
                return out.fail("should hold no double quote");
            }
            out.put(if index > 0 { " " } else { "" });
            out.put(quote);
            out.put(phrase);
            out.put(quote);
        }
    }
}
