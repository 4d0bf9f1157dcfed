//! JSON objects from an issuer: read leniently, and wiped.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::answer::retry_after;
use crate::renewal::{IssuerError, IssuerErrorKind};
use crate::secret::Secret;

/// An object's members. What nobody took is wiped.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads an object; `None` if the text is none.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().map(Self)
    }

    /// The object in an answer, or why there is none: a status that is no success, an `error`, another kind of text.
    pub(super) fn of_answer(answer: &Response<Bytes>) -> Result<Self, IssuerError> {
        let status = answer.status();
        let fields = Self::read(answer.body());
        let error = fields.as_ref().and_then(|fields| fields.0.get("error")).filter(|error| !error.is_null());
        if !status.is_success() || error.is_some() {
            let code = error.and_then(Value::as_str).and_then(code);
            return Err(IssuerErrorKind::Refused { status, code, retry_after: retry_after(answer) }.into());
        }
        Ok(fields.ok_or(IssuerErrorKind::Unreadable { status, problem: "is no JSON object" })?)
    }

    /// A text, or a number as text; `None` if it is not there or empty.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.0.get_mut(name)? {
            Value::String(text) => Some(std::mem::take(text)).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A text that is kept secret; `None` if it is not there or empty.
    pub(super) fn secret(&mut self, name: &str) -> Option<Secret> {
        self.0.get(name)?.as_str()?;
        self.text(name).map(Secret::new)
    }

    /// A number of seconds, beyond zero.
    pub(super) fn seconds(&mut self, name: &str) -> Option<Duration> {
        let seconds: f64 = self.text(name)?.trim().parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero())
    }

    /// A point in time.
    pub(super) fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.text(name)?.trim().parse().ok()
    }

    /// An object in it.
    pub(super) fn object(&mut self, name: &str) -> Option<Self> {
        object(self.0.get_mut(name)?.take())
    }

    /// The objects of a list in it; `None` if there is no list.
    pub(super) fn objects(&mut self, name: &str) -> Option<Vec<Self>> {
        match self.0.get_mut(name)?.take() {
            Value::Array(values) => Some(values.into_iter().filter_map(object).collect()),
            _ => None,
        }
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn object(value: Value) -> Option<Fields> {
    match value {
        Value::Object(fields) => Some(Fields(fields)),
        _ => None,
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

/// An error's code, if it is one: anything else may be an echo of what was sent.
pub(super) fn code(text: &str) -> Option<String> {
    let fits = text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (fits && !text.is_empty()).then(|| text.to_owned())
}

/// Wipes the body of an answer, if nobody else has it.
pub(super) fn wipe_body(answer: Response<Bytes>) {
    if let Ok(mut body) = answer.into_body().try_into_mut() {
        body.as_mut().zeroize();
    }
}
