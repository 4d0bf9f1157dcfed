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
    pub fn text_of<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut ScalarSink::new(self, Writer::text));
    }

    /// Appends a value within the double quotes of an attribute.
    #[doc(hidden)]
    #[inline]
    pub fn attribute_of<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut ScalarSink::new(self, Writer::attribute));
    }

    /// Appends a value as a path segment, or as a part of one.
    #[doc(hidden)]
    pub fn path_segment_of<S: Scalar>(&mut self, value: &S::Value) {
        S::write(value, &mut ScalarSink::new(self, Writer::path_segment));
    }
}
