//! Values that are written as text: in an attribute, an element, a path or a query.
//!
//! A Rust type alone does not determine how a value is written: a [`jiff::Timestamp`] is `2009-03-14 08:05:40` in one
//! style and `2009-03-14T08:05:40Z` in another. So each notation is a type of its own, which implements [`Scalar`] and
//! is never instantiated. It is used as a type argument, as in `xml.read_scalar::<Utc>()`. Ids and enums are their own
//! scalars.
//!
//! The types have the names of the schema's scalars: `text` is [`Text`], `words` is [`Words`].

use std::borrow::Cow;
use std::marker::PhantomData;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::request_times::RequestTimes;
use crate::secret::Secret;
use crate::xml::Writer;

/// Notation of a value: reads it from text, and writes it as text.
pub trait Scalar {
    /// Type of the value.
    type Value;

    /// Function that appends a second value to the first, if the notation is a list. Servers then also accept repeated
    /// elements.
    const APPEND: Option<AppendFn<Self::Value>> = None;

    /// Function that reads a value in the notations that a server adds, if the value is a time.
    const READ_TIME: Option<ReadTimeFn<Self::Value>> = None;

    /// Reads a value; `None` if the text stands for an absent value.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if the text is not such a value. It describes the expected notation and never contains the
    /// text.
    fn read(text: Cow<'_, str>) -> Result<Option<Self::Value>, InvalidValue>;

    /// Writes a value. If reading would not return the same value, fractions of a second apart, it calls
    /// [`ScalarSink::fail`] instead.
    fn write(value: &Self::Value, out: &mut ScalarSink<'_>);
}

/// Function that appends the second value to the first.
pub type AppendFn<V> = fn(&mut V, V);

/// Function that reads a time in the notations that a server adds; `None` if the text is not a time.
pub type ReadTimeFn<V> = fn(&RequestTimes, &str) -> Option<V>;

/// A text in the wrong notation; holds a description of the expected notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidValue(pub &'static str);

impl InvalidValue {
    /// Error for an id of 2^64 or more. No such id exists.
    pub const TOO_LARGE: Self = Self("should be a number below 2^64");
}

/// Output of a scalar. It escapes text for its position in the document or URL.
pub struct ScalarSink<'w> {
    writer: &'w mut Writer,
    /// Function that escapes a text for its position, and appends it to the writer.
    append: fn(&mut Writer, &str),
}

impl<'w> ScalarSink<'w> {
    /// Creates an output at the position for which `append` escapes text.
    pub(crate) fn new(writer: &'w mut Writer, append: fn(&mut Writer, &str)) -> Self {
        Self { writer, append }
    }

    /// Returns an output at the same position that appends text in another way.
    pub(crate) fn with_append(&mut self, append: fn(&mut Writer, &str)) -> ScalarSink<'_> {
        ScalarSink { writer: self.writer, append }
    }

    /// Appends text, escaped.
    pub fn write_str(&mut self, text: &str) {
        (self.append)(self.writer, text);
    }

    /// Appends text that needs no escaping anywhere, such as digits.
    fn write_unescaped(&mut self, text: &str) {
        self.writer.write_raw(text);
    }

    /// Reports that the value cannot be written. `message` is a clause such as "should not be empty".
    pub fn fail(&mut self, message: &'static str) {
        self.writer.fail(message);
    }
}

/// `true` for white space as XML defines it.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Trims white space as XML defines it. The common case, text without white space at its ends, takes the first branch.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [(b'!'..), .., (b'!'..)] | [(b'!'..)] => text,
        _ => text.trim_matches(is_space),
    }
}

/// Text: `String`. Never trimmed.
pub enum Text {}

impl Scalar for Text {
    type Value = String;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<String>, InvalidValue> {
        Ok(Some(text.into_owned()))
    }

    fn write(value: &String, out: &mut ScalarSink<'_>) {
        out.write_str(value);
    }
}

/// One word, without white space: `String`. An empty text stands for an absent value.
pub enum Word {}

impl Scalar for Word {
    type Value = String;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<String>, InvalidValue> {
        Ok(read_word(&text)?.map(str::to_owned))
    }

    fn write(value: &String, out: &mut ScalarSink<'_>) {
        write_word(value, out);
    }
}

/// A word that is never shown: [`Secret`].
pub enum SecretText {}

impl Scalar for SecretText {
    type Value = Secret;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<Secret>, InvalidValue> {
        Ok(read_word(&text)?.map(Secret::from))
    }

    fn write(value: &Secret, out: &mut ScalarSink<'_>) {
        write_word(value.expose(), out);
    }
}

/// Reads a word, without the white space around it; `None` if the text is empty.
fn read_word(text: &str) -> Result<Option<&str>, InvalidValue> {
    let word = trim(text);
    if word.contains(is_space) {
        return Err(InvalidValue("should be a word, without white space"));
    }
    Ok((!word.is_empty()).then_some(word))
}

/// Writes a word; fails if the text would not be read back as the same word.
pub(crate) fn write_word(word: &str, out: &mut ScalarSink<'_>) {
    if word.is_empty() {
        out.fail("should not be empty");
    } else if word.contains(is_space) {
        out.fail("should not contain white space");
    } else {
        out.write_str(word);
    }
}

/// A whole number, `-?digits`: `i64`.
pub enum Integer {}

impl Scalar for Integer {
    type Value = i64;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<i64>, InvalidValue> {
        read_number(&text, "should be a whole number")
    }

    fn write(value: &i64, out: &mut ScalarSink<'_>) {
        write_digits(value.unsigned_abs(), *value < 0, out);
    }
}

/// Reads digits, with a minus sign if the type is signed; `None` if the text is empty. A plus sign is not allowed.
/// `expected` is the message for any other text.
pub(crate) fn read_number<N: std::str::FromStr>(text: &str, expected: &'static str) -> Result<Option<N>, InvalidValue> {
    let digits = trim(text);
    match digits.as_bytes() {
        [] => Ok(None),
        [b'+', ..] => Err(InvalidValue(expected)),
        _ => digits.parse().map(Some).map_err(|_| InvalidValue(expected)),
    }
}

/// Writes a number, given as its absolute value and its sign, without an allocation.
pub(crate) fn write_digits(mut number: u64, is_negative: bool, out: &mut ScalarSink<'_>) {
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
    if is_negative {
        out.write_unescaped("-");
    }
    out.write_unescaped(digits.get(start..).and_then(|digits| str::from_utf8(digits).ok()).unwrap_or_default());
}

/// `true` or `false`; `1` and `0` are read too: `bool`.
pub enum Bool {}

impl Scalar for Bool {
    type Value = bool;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<bool>, InvalidValue> {
        read_bool(&text, None)
    }

    fn write(value: &bool, out: &mut ScalarSink<'_>) {
        out.write_unescaped(if *value { "true" } else { "false" });
    }
}

/// `1` or `0`; `true` and `false` are read too: `bool`.
pub enum Bit {}

impl Scalar for Bit {
    type Value = bool;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<bool>, InvalidValue> {
        read_bool(&text, None)
    }

    fn write(value: &bool, out: &mut ScalarSink<'_>) {
        write_bit(*value, out);
    }
}

/// `1` or `0`; `true` and `false` are read too, and empty text is `false`: `bool`.
pub enum Flag {}

impl Scalar for Flag {
    type Value = bool;

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<bool>, InvalidValue> {
        read_bool(&text, Some(false))
    }

    fn write(value: &bool, out: &mut ScalarSink<'_>) {
        write_bit(*value, out);
    }
}

/// Writes a boolean as `1` or `0`.
fn write_bit(value: bool, out: &mut ScalarSink<'_>) {
    out.write_unescaped(if value { "1" } else { "0" });
}

/// Reads a boolean; `empty` is the result for an empty text.
fn read_bool(text: &str, empty: Option<bool>) -> Result<Option<bool>, InvalidValue> {
    match trim(text) {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        "" => Ok(empty),
        _ => Err(InvalidValue("should be `true` or `false`, `1` or `0`")),
    }
}

/// A point in time, written in UTC as `2009-03-14 08:05:40`: [`jiff::Timestamp`].
///
/// The notations that are read are those of [`Timestamp`]. Fractions of a second are not written.
pub enum Utc {}

impl Scalar for Utc {
    type Value = jiff::Timestamp;

    const READ_TIME: Option<ReadTimeFn<Self::Value>> = Some(RequestTimes::read_timestamp);

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<jiff::Timestamp>, InvalidValue> {
        read_timestamp(trim(&text))
    }

    fn write(value: &jiff::Timestamp, out: &mut ScalarSink<'_>) {
        write_time(Offset::UTC.to_datetime(*value), b' ', out);
    }
}

/// A point in time, written in UTC as `2008-11-05T06:41:12Z`: [`jiff::Timestamp`].
///
/// When read, seconds are optional, the hour may have one digit, and a space may stand for the `T`. The zone may be any
/// offset; UTC if there is none. Fractions of a second are not written.
pub enum Timestamp {}

impl Scalar for Timestamp {
    type Value = jiff::Timestamp;

    const READ_TIME: Option<ReadTimeFn<Self::Value>> = Some(RequestTimes::read_timestamp);

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<jiff::Timestamp>, InvalidValue> {
        read_timestamp(trim(&text))
    }

    fn write(value: &jiff::Timestamp, out: &mut ScalarSink<'_>) {
        write_time(Offset::UTC.to_datetime(*value), b'T', out);
        out.write_str("Z");
    }
}

/// A date and time without a zone, written as `2009-03-14 08:05:40`: [`jiff::civil::DateTime`].
///
/// When read, seconds are optional, the hour may have one digit, a `T` may stand for the space, and the text may be in
/// double quotes. Fractions of a second are not written.
pub enum Local {}

impl Scalar for Local {
    type Value = DateTime;

    const READ_TIME: Option<ReadTimeFn<Self::Value>> = Some(RequestTimes::read_local);

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<DateTime>, InvalidValue> {
        let text = trim(&text);
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        if text.is_empty() {
            return Ok(None);
        }
        read_time(text).map(Some).ok_or(InvalidValue("should be a date and time such as `2009-03-14 08:05:40`"))
    }

    fn write(value: &DateTime, out: &mut ScalarSink<'_>) {
        write_time(*value, b' ', out);
    }
}

/// Reads a point in time; `None` if the text is empty. Notations other than those of [`read_time`] are left to `jiff`.
fn read_timestamp(text: &str) -> Result<Option<jiff::Timestamp>, InvalidValue> {
    if text.is_empty() {
        return Ok(None);
    }
    read_time(text.strip_suffix('Z').unwrap_or(text))
        .and_then(|time| Offset::UTC.to_timestamp(time).ok())
        .or_else(|| text.parse().ok())
        .map(Some)
        .ok_or(InvalidValue("should be a date and time such as `2008-11-05T06:41:12Z`"))
}

/// Reads a date and time such as `2009-03-14 08:05:40` or `2009-03-14T8:05`; `None` for any other text.
///
/// The digits of month and minute are `m1`, `m2` and `n1`, `n2`.
pub(crate) fn read_time(text: &str) -> Option<DateTime> {
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

/// Writes a date and time as `2009-03-14 08:05:40`, with this separator; fails before the year 0.
fn write_time(time: DateTime, separator: u8, out: &mut ScalarSink<'_>) {
    let Ok(year) = u16::try_from(time.year()) else {
        return out.fail("should not be before the year 0");
    };
    let digit = |number: u16| b'0' + (number % 10) as u8;
    let pair = |number: i8| [digit(number.unsigned_abs() as u16 / 10), digit(number.unsigned_abs().into())];
    let ([m1, m2], [d1, d2]) = (pair(time.month()), pair(time.day()));
    let ([h1, h2], [n1, n2], [s1, s2]) = (pair(time.hour()), pair(time.minute()), pair(time.second()));
    let [y1, y2, y3, y4] = [digit(year / 1000), digit(year / 100), digit(year / 10), digit(year)];
    let text = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, separator, h1, h2, b':', n1, n2, b':', s1, s2];
    out.write_str(str::from_utf8(&text).unwrap_or_default());
}

/// A list separated by white space: `Vec` of the values of another scalar. An empty text is an empty list.
pub struct Words<T>(PhantomData<T>);

impl<T: Scalar> Scalar for Words<T> {
    type Value = Vec<T::Value>;

    const APPEND: Option<AppendFn<Self::Value>> = Some(|values, more| values.extend(more));

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<Vec<T::Value>>, InvalidValue> {
        let words = text.split(is_space).filter(|word| !word.is_empty());
        words.filter_map(|word| T::read(Cow::Borrowed(word)).transpose()).collect::<Result<_, _>>().map(Some)
    }

    fn write(value: &Vec<T::Value>, out: &mut ScalarSink<'_>) {
        for (index, word) in value.iter().enumerate() {
            if index > 0 {
                out.write_str(" ");
            }
            T::write(word, out);
        }
    }
}

/// A list of texts separated by white space, as in `a "b c" d`: `Vec<String>`. Texts with white space are in double
/// quotes. When read, empty texts are left out, and a quote that is not closed extends to the end.
pub enum Phrases {}

impl Scalar for Phrases {
    type Value = Vec<String>;

    const APPEND: Option<AppendFn<Self::Value>> = Some(|values, more| values.extend(more));

    #[inline]
    fn read(text: Cow<'_, str>) -> Result<Option<Vec<String>>, InvalidValue> {
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

    fn write(value: &Vec<String>, out: &mut ScalarSink<'_>) {
        for (index, phrase) in value.iter().enumerate() {
            let quote = if phrase.contains(is_space) { "\"" } else { "" };
            if phrase.is_empty() {
                return out.fail("should not be empty");
            }
            if phrase.contains('"') {
                return out.fail("should not contain a double quote");
            }
            out.write_str(if index > 0 { " " } else { "" });
            out.write_str(quote);
            out.write_str(phrase);
            out.write_str(quote);
        }
    }
}
