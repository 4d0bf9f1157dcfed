//! State that all calls of a client and its clones share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rate_limiter::RateLimiter;
use super::retry_budget::RetryBudget;
use crate::config::ClientConfig;

/// State that all calls of a client and its clones share.
#[derive(Debug)]
pub struct Shared {
    config: Mutex<Arc<ClientConfig>>,
    rate_limiter: Mutex<RateLimiter>,
    retry_budget: Mutex<RetryBudget>,
}

impl Shared {
    /// Creates the shared state of a client.
    pub fn new(config: ClientConfig) -> Self {
        Self { config: Mutex::new(Arc::new(config)), rate_limiter: Mutex::default(), retry_budget: Mutex::default() }
    }

    /// Returns the current configuration. Its base URL changes when a call follows a redirect to the other scheme.
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&lock(&self.config))
    }

    /// Replaces the configuration, for calls that begin later.
    pub(super) fn set_config(&self, config: Arc<ClientConfig>) {
        *lock(&self.config) = config;
    }

    /// Locks the rate limiter.
    pub(super) fn rate_limiter(&self) -> MutexGuard<'_, RateLimiter> {
        lock(&self.rate_limiter)
    }

    /// Locks the retry budget.
    pub(super) fn retry_budget(&self) -> MutexGuard<'_, RetryBudget> {
        lock(&self.retry_budget)
    }
}

/// Locks a mutex. The data is consistent after every step, so a panic in another thread does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
