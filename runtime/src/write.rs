//! What generated encoders call. An encoder reads like the shape it writes: literal text, and values between.

use crate::scalar::{Out, Scalar};
use crate::xml::Writer;

/// A value that is an element's attributes and content.
pub trait WriteXml {
    /// Writes the element. `start` is the start tag as far as it is known, such as `<note` or `<people type="array"`;
    /// `end` is the end tag.
    fn write(&self, start: &'static str, end: &'static str, xml: &mut Writer);
}

impl Writer {
    /// Writes a value as text of an element.
    #[inline]
    pub fn text_of<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut Out::new(self, Writer::text));
    }

    /// Writes a value into a double-quoted attribute.
    #[inline]
    pub fn attribute_of<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut Out::new(self, Writer::attribute));
    }

    /// Writes a value as (a part of) a segment of a path.
    pub fn segment_of<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut Out::new(self, Writer::segment));
    }
}

/// A query on its way: pairs after `?`, with `&` between them.
pub struct Query<'w> {
    out: &'w mut Writer,
    started: bool,
}

impl<'w> Query<'w> {
    pub(crate) fn new(out: &'w mut Writer) -> Self {
        Self { out, started: false }
    }

    /// Writes a pair.
    pub fn pair<S: Scalar>(&mut self, name: &'static str, value: &S::Value) {
        self.name(name);
        S::write(value, &mut Out::new(self.out, Writer::query));
    }

    /// Writes a pair with the token.
    pub(crate) fn token(&mut self, name: &'static str, token: &str) {
        self.name(name);
        self.out.query(token);
    }

    fn name(&mut self, name: &'static str) {
        self.out.raw(if self.started { "&" } else { "?" });
        self.started = true;
        self.out.raw(name);
        self.out.raw("=");
    }

    /// Writes a pair if there is a value.
    pub fn optional<S: Scalar>(&mut self, name: &'static str, value: &Option<S::Value>) {
        if let Some(value) = value {
            self.pair::<S>(name, value);
        }
    }
}
