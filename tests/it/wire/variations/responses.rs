//! Differences in responses that the service is known to have. Each test reads documents that mean the same.

mod http;
mod reading;
mod structure;
mod values;
