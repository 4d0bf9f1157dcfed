//! Differences in responses that the service is known to have. Each test reads documents that have the same meaning.

mod empty_lists;
mod http;
mod reading;
mod structure;
mod values;
