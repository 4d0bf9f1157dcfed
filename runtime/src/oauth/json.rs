//! JSON objects from an issuer: read leniently, and wiped from memory.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::issuer_error::{IssuerError, IssuerErrorKind};
use crate::retry_after::parse_retry_after;
use crate::secret::Secret;

/// JSON object in a response of an issuer. Members are taken out of it. Texts that are still in it when it is dropped are
/// wiped from memory.
pub struct JsonObject(Map<String, Value>);

impl JsonObject {
    /// Parses an object; `None` if the text is not a JSON object.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().map(Self)
    }

    /// Reads the object in the body of a response.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the status is not a success, if the object has an `error`, or if there is no object.
    pub fn from_response(response: &Response<Bytes>) -> Result<Self, IssuerError> {
        let status = response.status();
        let object = Self::parse(response.body());
        let error = object.as_ref().and_then(|object| object.0.get("error")).filter(|error| !error.is_null());
        if !status.is_success() || error.is_some() {
            let code = error.and_then(Value::as_str).and_then(parse_error_code);
            return Err(IssuerErrorKind::Rejected { status, code, retry_after: parse_retry_after(response) }.into());
        }
        Ok(object.ok_or(IssuerErrorKind::InvalidResponse { status, problem: "is not a JSON object" })?)
    }

    /// Takes a text, or a number as text; `None` if it is missing, empty or of another type.
    pub fn take_text(&mut self, name: &str) -> Option<String> {
        match self.0.get_mut(name)? {
            Value::String(text) => Some(std::mem::take(text)).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Takes a secret text; `None` if it is missing, empty or not a text.
    pub(super) fn take_secret(&mut self, name: &str) -> Option<Secret> {
        self.0.get(name)?.as_str()?;
        self.take_text(name).map(Secret::new)
    }

    /// Takes a number of seconds, written as a number or as text; `None` unless it is positive.
    pub(super) fn take_seconds(&mut self, name: &str) -> Option<Duration> {
        parse_seconds(&self.take_text(name)?)
    }

    /// Takes a time: with an offset from UTC, such as `2009-03-29T12:30:00Z`, or in seconds since 1970, as a number or as
    /// text. Returns `None` if it is missing or not valid.
    pub fn take_time(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.take_text(name)?;
        text.trim().parse().ok().or_else(|| Timestamp::UNIX_EPOCH.checked_add(parse_seconds(&text)?).ok())
    }

    /// Takes a nested object; `None` if it is missing or of another type.
    pub fn take_object(&mut self, name: &str) -> Option<Self> {
        take_members(self.0.get_mut(name)?)
    }

    /// Takes a list of objects; `None` if there is no list. Other values in the list are skipped.
    pub fn take_objects(&mut self, name: &str) -> Option<Vec<Self>> {
        match self.0.get_mut(name)? {
            Value::Array(values) => Some(values.iter_mut().filter_map(take_members).collect()),
            _ => None,
        }
    }
}

impl fmt::Debug for JsonObject {
    /// Shows no member, because a text may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonObject").finish_non_exhaustive()
    }
}

impl Drop for JsonObject {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

/// Parses a number of seconds; `None` unless it is positive.
fn parse_seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().parse().ok()?).ok().filter(|time| !time.is_zero())
}

/// Takes the members of an object; `None` for any other value, which stays where it is and is wiped there.
fn take_members(value: &mut Value) -> Option<JsonObject> {
    match value {
        Value::Object(members) => Some(JsonObject(std::mem::take(members))),
        _ => None,
    }
}

/// Wipes all texts in a value. The names of object members are not wiped.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// Parses an error code: at most 40 lower-case letters and underscores. Returns `None` for any other text, which may
/// repeat a secret from the request.
pub(super) fn parse_error_code(text: &str) -> Option<String> {
    let is_code = text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_code && !text.is_empty()).then(|| text.to_owned())
}

/// Wipes the body of a response. A body that is shared with other code cannot be wiped.
pub(super) fn wipe_body(response: Response<Bytes>) {
    if let Ok(mut body) = response.into_body().try_into_mut() {
        body.as_mut().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses an object.
    fn parse(text: &str) -> JsonObject {
        JsonObject::parse(text.as_bytes()).unwrap()
    }

    /// An object wipes the texts that are still in it when it is dropped.
    #[test]
    fn values_of_another_type_are_not_taken_so_that_they_are_wiped() {
        let mut object = parse(r#"{"text": "s3cret", "list": ["s3cret", {"id": 1}, ["s3cret"]], "null": null}"#);
        assert!(object.take_object("text").is_none() && object.take_objects("text").is_none());
        assert_eq!(object.take_objects("list").unwrap().len(), 1);
        assert!(object.take_text("list").is_none() && object.take_secret("list").is_none());
        assert_eq!(object.0["list"], serde_json::json!(["s3cret", {}, ["s3cret"]]));
        assert_eq!(object.take_text("text").unwrap(), "s3cret");
        assert!(object.take_objects("null").is_none() && object.take_objects("missing").is_none());
    }

    #[test]
    fn times_are_texts_with_an_offset_or_seconds_since_1970() {
        let time: Timestamp = "2009-03-29T12:30:00Z".parse().unwrap();
        for json in [
            r#""2009-03-29T12:30:00Z""#,
            r#"" 2009-03-29 14:30:00+02:00 ""#,
            "1238329800",
            "1238329800.0",
            r#""1238329800""#,
            r#"" 1238329800.0 ""#,
        ] {
            assert_eq!(parse(&format!("{{\"at\": {json}}}")).take_time("at"), Some(time), "{json}");
        }
        for json in
            ["0", "-5", "1e300", r#""""#, r#""soon""#, r#""NaN""#, r#""2009-03-29""#, "true", "null", "[1]", "{}"]
        {
            assert_eq!(parse(&format!("{{\"at\": {json}}}")).take_time("at"), None, "{json}");
        }
    }
}
