//! Functions and types that generated encoders call.
//!
//! The code of an encoder resembles the shape that it writes: literal text, with values in between.

use crate::scalar::{Scalar, ScalarSink};
use crate::xml::Writer;

/// A value that is stored in the attributes and content of an element.
pub trait WriteXml {
    /// Writes the element. `start` is the known part of the start tag, such as `<note` or `<people type="array"`; `end`
    /// is the end tag.
    fn write(&self, start: &'static str, end: &'static str, xml: &mut Writer);
}

impl Writer {
    /// Appends a value as element content.
    #[doc(hidden)]
    #[inline]
    pub fn write_scalar<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut ScalarSink::new(self, Writer::write_text));
    }

    /// Appends a value within the double quotes of an attribute.
    #[doc(hidden)]
    #[inline]
    pub fn write_scalar_attribute<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut ScalarSink::new(self, Writer::write_attribute));
    }

    /// Appends a value as a path segment, or as a part of one.
    #[doc(hidden)]
    pub fn write_scalar_path_segment<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut ScalarSink::new(self, Writer::write_path_segment));
    }
}
