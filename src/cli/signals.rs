//! Ctrl-C and SIGTERM cancel what runs, so that it ends cleanly; a second one ends the process at once.

use super::failure::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code of a process that was told twice.
const INTERRUPTED: i32 = 130;

/// A token that the first SIGINT, SIGTERM or SIGHUP cancels.
pub fn watch() -> Result<CancellationToken, Failure> {
    let token = CancellationToken::new();
    let open = |kind| signal(kind).map_err(|e| Failure::failed(format!("signals cannot be watched: {e}")));
    let mut signals = [open(SignalKind::interrupt())?, open(SignalKind::terminate())?, open(SignalKind::hangup())?];
    let cancel = token.clone();
    tokio::spawn(async move {
        any(&mut signals).await;
        cancel.cancel();
        any(&mut signals).await;
        std::process::exit(INTERRUPTED);
    });
    Ok(token)
}

async fn any(signals: &mut [Signal; 3]) {
    let [a, b, c] = signals;
    tokio::select! {
        _ = a.recv() => {}
        _ = b.recv() => {}
        _ = c.recv() => {}
    }
}
