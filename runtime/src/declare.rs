//! What a generated id or enum can do, besides being itself.
//!
//! Generated code shows the type with its documentation, and calls a macro here for the rest: it is the same for all.

/// Gives a newtype around `u64` its conversions, `Debug`, `Display`, `FromStr` and [`Scalar`](crate::scalar::Scalar).
#[macro_export]
macro_rules! declare_id {
    ($id:ident) => {
        impl From<u64> for $id {
            fn from(number: u64) -> Self {
                Self(number)
            }
        }

        /// `NoteId(5)`, on one line in `{:#?}` too.
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
            fn read(text: ::std::borrow::Cow<'_, str>) -> Result<Option<Self>, $crate::scalar::Invalid> {
                Ok($crate::declare::read_id(&text)?.map(Self))
            }

            fn write(value: &Self, out: &mut $crate::scalar::Out<'_>) {
                $crate::declare::write_id(value.0, out);
            }
        }

        $crate::declare_serialize!($id, |id| id.0);
    };
}

/// Gives an open enum its texts, conversions, `Display` and [`Scalar`](crate::scalar::Scalar).
#[macro_export]
macro_rules! declare_enum {
    ($name:ident { $($variant:ident = $text:literal,)* }) => {
        impl $name {
            /// The values that are known, in the order of the schema.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The text on the wire.
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

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::scalar::Scalar for $name {
            type Value = Self;

            #[inline]
            fn read(text: ::std::borrow::Cow<'_, str>) -> Result<Option<Self>, $crate::scalar::Invalid> {
                Ok($crate::declare::read_enum(&text).map(Self::from))
            }

            fn write(value: &Self, out: &mut $crate::scalar::Out<'_>) {
                $crate::declare::write_enum(value.as_str(), out);
            }
        }

        $crate::declare_serialize!($name, |name| name.as_str());
    };
}

/// Writes a type for serde as the value that an expression takes from it.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! declare_serialize {
    ($name:ident, |$value:ident| $inner:expr) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                $crate::serde::Serialize::serialize(&$inner, serializer)
            }
        }
    };
}

/// Without the feature `serde`, nothing.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! declare_serialize {
    ($name:ident, |$value:ident| $inner:expr) => {};
}

use crate::scalar::{Invalid, Out, read_number, trim, write_digits};

#[doc(hidden)]
pub fn read_id(text: &str) -> Result<Option<u64>, Invalid> {
    const EXPECTED: &str = "should be a number, of digits only";
    let all_digits = || trim(text).bytes().all(|byte| byte.is_ascii_digit());
    read_number(text, EXPECTED).map_err(|error| if all_digits() { Invalid::TOO_LARGE } else { error })
}

#[doc(hidden)]
pub fn write_id(number: u64, out: &mut Out<'_>) {
    write_digits(number, false, out);
}

#[doc(hidden)]
pub fn read_enum(text: &str) -> Option<&str> {
    let text = trim(text);
    (!text.is_empty()).then_some(text)
}

#[doc(hidden)]
pub fn write_enum(text: &str, out: &mut Out<'_>) {
    if text.is_empty() || trim(text).len() != text.len() {
        out.fail("should be a text without white space around it");
    } else {
        out.put(text);
    }
}
