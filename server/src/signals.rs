//! Process signals: a shutdown request, a certificate reload.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that the process handles instead of being terminated by them. A signal is `None` if its handler could not be
/// registered.
#[cfg(unix)]
pub(crate) struct Signals {
    terminate: Option<Signal>,
    interrupt: Option<Signal>,
    /// Also `None` if hangup signals are not handled.
    hangup: Option<Signal>,
    /// Registered only so that exceeding the file size limit fails the write instead of terminating the process.
    _file_too_large: Option<Signal>,
}

/// `SIGXFSZ`, for which tokio has no constant.
#[cfg(unix)]
const FILE_TOO_LARGE: i32 = 25;

#[cfg(unix)]
impl Signals {
    /// Registers the handlers. Without `handle_hangup`, a hangup signal terminates the process as usual.
    pub(crate) fn register(handle_hangup: bool) -> Self {
        let register = |kind| signal(kind).ok();
        Self {
            terminate: register(SignalKind::terminate()),
            interrupt: register(SignalKind::interrupt()),
            hangup: if handle_hangup { register(SignalKind::hangup()) } else { None },
            _file_too_large: register(SignalKind::from_raw(FILE_TOO_LARGE)),
        }
    }

    /// Waits for a termination or interrupt signal. While waiting, calls `on_hangup` for each hangup signal.
    pub(crate) async fn wait_for_shutdown(&mut self, mut on_hangup: impl FnMut()) {
        loop {
            tokio::select! {
                () = receive(&mut self.terminate) => return,
                () = receive(&mut self.interrupt) => return,
                () = receive(&mut self.hangup) => on_hangup(),
            }
        }
    }
}

/// Waits for a signal; forever if its handler could not be registered.
#[cfg(unix)]
async fn receive(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Handler of Ctrl-C, the only signal outside Unix.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Registers nothing: the handler is registered while waiting.
    pub(crate) fn register(_: bool) -> Self {
        Self
    }

    /// Waits for Ctrl-C. The callback is never called, since there is no hangup signal.
    pub(crate) async fn wait_for_shutdown(&mut self, _: impl FnMut()) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
