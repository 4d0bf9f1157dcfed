//! No storm of retries against a service that is down: attempts beyond the first are paid for, and only successes earn.

/// How many retries may still be made.
#[derive(Debug)]
pub struct Budget {
    /// In tenths of a retry.
    tenths: u32,
}

/// The most that can be saved up, in tenths: 50 retries.
const MOST: u32 = 500;

impl Default for Budget {
    fn default() -> Self {
        Self { tenths: MOST }
    }
}

impl Budget {
    /// Pays for a retry; `false` if there is too little left.
    pub fn spend(&mut self) -> bool {
        let left = self.tenths.checked_sub(10);
        self.tenths = left.unwrap_or(self.tenths);
        left.is_some()
    }

    /// A call succeeded: ten of these are worth a retry.
    pub fn succeeded(&mut self) {
        self.tenths = MOST.min(self.tenths + 1);
    }
}
