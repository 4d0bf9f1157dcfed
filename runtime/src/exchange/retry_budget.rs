//! Retry budget: prevents a retry storm while a service is down. Retries spend from it, and successful calls refill it.

/// Retry budget of a client: the number of retries that it may still make.
#[derive(Debug)]
pub struct RetryBudget {
    /// Remaining budget in tenths of a retry, because a successful call refills a tenth.
    tenths: u32,
}

/// Size of a full budget, in tenths: 50 retries.
const CAPACITY: u32 = 500;

impl Default for RetryBudget {
    fn default() -> Self {
        Self { tenths: CAPACITY }
    }
}

impl RetryBudget {
    /// Spends one retry. Returns `false` if less than one retry is left; the budget then stays as it is.
    pub fn try_spend(&mut self) -> bool {
        let left = self.tenths.checked_sub(10);
        self.tenths = left.unwrap_or(self.tenths);
        left.is_some()
    }

    /// Records a successful call. Ten successful calls refill one retry.
    pub fn record_success(&mut self) {
        self.tenths = CAPACITY.min(self.tenths + 1);
    }
}
