//! All formats, over an account with everything and over hostile and random texts.
//!
//! - [`sample`]: the account with everything.
//! - [`folders`]: second runs, files of the user, names.
//! - [`words`]: no word is lost.
//! - [`formats`]: each format is read by a program of others, or by a parser.
//! - [`random`]: random accounts.

mod folders;
mod formats;
mod random;
mod sample;
mod words;
