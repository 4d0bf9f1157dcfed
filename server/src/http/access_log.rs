//! Access log: one event for each request, without its path, query, headers and body, since each may hold a token.

use std::time::Instant;

use backpack_api::runtime::http::{Method, StatusCode};

/// Entry of the access log. The service fills in account and operation as it learns them.
pub(super) struct AccessLog {
    start: Instant,
    method: Method,
    /// Name of the account that the host names; `None` until it is known, and for requests without one.
    pub(super) account: Option<String>,
    /// Name of the operation, or `feed`; `None` if the request has neither.
    pub(super) operation: Option<&'static str>,
}

impl AccessLog {
    /// Starts an entry and its timer.
    pub(super) fn start(method: Method) -> Self {
        Self { start: Instant::now(), method, account: None, operation: None }
    }

    /// Logs the entry with the status of the response and the elapsed time.
    pub(super) fn finish(self, status: StatusCode) {
        tracing::info!(
            method = %self.method,
            operation = self.operation,
            account = self.account,
            status = status.as_u16(),
            microseconds = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            "request completed"
        );
    }
}
