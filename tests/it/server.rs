//! The server's side: routing with the generated bindings, and the compatible service over HTTP.

mod routes;
mod service;
