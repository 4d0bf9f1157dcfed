//! Two endpoints written by hand against the runtime, one of each style. The generated code for them writes the same
//! bytes, reads the same values and reports the same errors.

mod compare;
mod notes;
mod separators;
