//! The operator's own editor.

use std::io::Write as _;
use std::process::Command;

/// Lets `$VISUAL` or `$EDITOR` (or vi) have the text in a file of its own, and gives back what came of it. The terminal
/// must have been given back before.
///
/// # Errors
/// In words: the editor cannot be started, or ended with a failure.
pub fn edit(text: &str) -> Result<String, String> {
    let command = ["VISUAL", "EDITOR"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned());
    let mut file = tempfile::Builder::new().prefix("snowdeck-").suffix(".sql").tempfile().map_err(|e| e.to_string())?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(|e| e.to_string())?;
    // The variable may hold arguments: the shell takes them apart as every program does that reads it.
    let script = format!("{command} \"$1\"");
    let status = Command::new("sh").args(["-c", &script, "sh"]).arg(file.path()).status();
    match status {
        Ok(status) if status.success() => {
            std::fs::read_to_string(file.path()).map_err(|e| format!("the edited text could not be read: {e}"))
        }
        Ok(status) => Err(format!("{command} ended with {status}; the text is as it was")),
        Err(error) => Err(format!("{command} could not be started: {error}")),
    }
}
