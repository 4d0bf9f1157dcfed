//! Notations of times that a server accepts in requests, in addition to those of the scalars.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::scalar::{InvalidValue, Scalar, trim};

/// Reader of times in notations that the schema's scalars do not have, such as `3/14/2009 8:05 AM`. It also holds the
/// time zone of the user who sent the request.
///
/// A server puts the reader into the [extensions](http::Extensions) of a request before it reads the request. Every
/// time in the request that its scalar cannot read is then read with it, in every format of the body.
#[derive(Clone)]
pub struct RequestTimes {
    user_zone: TimeZone,
    read: Arc<ReadTimeFn>,
}

/// Function that reads a time; `None` if the text is not one. The time zone is that of a time without an offset.
type ReadTimeFn = dyn Fn(&str, &TimeZone) -> Option<Timestamp> + Send + Sync;

impl RequestTimes {
    /// Creates a reader from the time zone of the user and a function that reads a time.
    ///
    /// The function gets a trimmed text, and the time zone for a time without an offset. It returns `None` if the text
    /// is not a time.
    pub fn new(
        user_zone: TimeZone,
        read: impl Fn(&str, &TimeZone) -> Option<Timestamp> + Send + Sync + 'static,
    ) -> Self {
        Self { user_zone, read: Arc::new(read) }
    }

    /// Reads a point in time. Without an offset, it is in UTC.
    pub(crate) fn read_timestamp(&self, text: &str) -> Option<Timestamp> {
        (self.read)(text, &TimeZone::UTC)
    }

    /// Reads a time in the user's time zone. With an offset, it is converted to that zone.
    pub(crate) fn read_local(&self, text: &str) -> Option<DateTime> {
        Some(self.user_zone.to_datetime((self.read)(text, &self.user_zone)?))
    }
}

impl fmt::Debug for RequestTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestTimes").field("user_zone", &self.user_zone).finish_non_exhaustive()
    }
}

/// Reads a value of a request in the notation of its scalar. A time in another notation is read with `times`. `None` if
/// the text stands for an absent value.
pub(crate) fn read_request_value<S: Scalar>(
    text: &str,
    times: Option<&RequestTimes>,
) -> Result<Option<S::Value>, InvalidValue> {
    S::read(Cow::Borrowed(text)).or_else(|invalid| match (S::READ_TIME, times) {
        (Some(read), Some(times)) => read(times, trim(text)).map(Some).ok_or(invalid),
        _ => Err(invalid),
    })
}
