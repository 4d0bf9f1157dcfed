//! Macros that add the implementations of a generated id or enum, and the functions that these call.
//!
//! Generated code declares the type with its documentation. These macros add the implementations, which are the same
//! for all ids and for all enums.

use crate::scalar::{InvalidValue, ScalarSink, read_number, trim, write_digits};

/// Implements conversions from and to `u64`, `Debug`, `Display`, `FromStr` and [`Scalar`](crate::scalar::Scalar) for a
/// newtype around `u64`.
#[doc(hidden)]
#[macro_export]
macro_rules! declare_id {
    ($id:ident) => {
        impl From<u64> for $id {
            fn from(number: u64) -> Self {
                Self(number)
            }
        }

        impl From<$id> for u64 {
            fn from(id: $id) -> Self {
                id.0
            }
        }

        /// Formats as `NoteId(5)`, on one line also with `{:#?}`.
        impl ::core::fmt::Debug for $id {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(f, concat!(stringify!($id), "({})"), self.0)
            }
        }

        impl ::core::fmt::Display for $id {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::core::str::FromStr for $id {
            type Err = ::core::num::ParseIntError;

            fn from_str(digits: &str) -> Result<Self, Self::Err> {
                digits.parse().map(Self)
            }
        }

        impl $crate::scalar::Scalar for $id {
            type Value = Self;

            #[inline]
            fn read(text: ::std::borrow::Cow<'_, str>) -> Result<Option<Self>, $crate::scalar::InvalidValue> {
                Ok($crate::support::declare::read_id(&text)?.map(Self))
            }

            fn write(value: &Self, out: &mut $crate::scalar::ScalarSink<'_>) {
                $crate::support::declare::write_id(value.0, out);
            }
        }

        $crate::declare_serde!($id, u64, |id| id.0);
    };
}

/// Implements `KNOWN`, `as_str`, conversions, `Display` and [`Scalar`](crate::scalar::Scalar) for an open enum: one
/// whose variant `Other` holds any unknown text.
#[doc(hidden)]
#[macro_export]
macro_rules! declare_enum {
    ($name:ident { $($variant:ident = $text:literal,)* }) => {
        impl $name {
            /// The known values, in the order of the schema.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// Text of the value on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::scalar::Scalar for $name {
            type Value = Self;

            #[inline]
            fn read(text: ::std::borrow::Cow<'_, str>) -> Result<Option<Self>, $crate::scalar::InvalidValue> {
                Ok($crate::support::declare::read_enum(&text).map(Self::from))
            }

            fn write(value: &Self, out: &mut $crate::scalar::ScalarSink<'_>) {
                $crate::support::declare::write_enum(value.as_str(), out);
            }
        }

        $crate::declare_serde!($name, String, |name| name.as_str());
    };
}

/// Implements `Serialize` for a type by serializing the value of an expression, and `Deserialize` by converting from a
/// type.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! declare_serde {
    ($name:ident, $from:ty, |$value:ident| $inner:expr) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                $crate::serde::Serialize::serialize(&$inner, serializer)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$from as $crate::serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

/// Expands to no code without the feature `serde`.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! declare_serde {
    ($name:ident, $from:ty, |$value:ident| $inner:expr) => {};
}

/// Reads an id; `None` if the text is empty.
pub fn read_id(text: &str) -> Result<Option<u64>, InvalidValue> {
    const EXPECTED: &str = "should be a number, of digits only";
    // A text of digits only is rejected only if the number does not fit into `u64`.
    let all_digits = || trim(text).bytes().all(|byte| byte.is_ascii_digit());
    read_number(text, EXPECTED).map_err(|error| if all_digits() { InvalidValue::TOO_LARGE } else { error })
}

/// Writes an id.
pub fn write_id(number: u64, out: &mut ScalarSink<'_>) {
    write_digits(number, false, out);
}

/// Reads the text of an enum value, without the white space around it; `None` if it is empty.
pub fn read_enum(text: &str) -> Option<&str> {
    let text = trim(text);
    (!text.is_empty()).then_some(text)
}

/// Writes the text of an enum value; fails if it would not be read back as the same text.
pub fn write_enum(text: &str, out: &mut ScalarSink<'_>) {
    if text.is_empty() || trim(text).len() != text.len() {
        out.fail("should be a text without white space around it");
    } else {
        out.write_str(text);
    }
}
