//! Two endpoints written by hand against the runtime, one of each style. The generated code does the same: it writes the
//! same bytes, reads the same values and reports the same errors.

mod compare;
mod notes;
mod separators;
