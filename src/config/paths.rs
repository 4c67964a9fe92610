//! Where things live.

use super::ConfigError;
use std::env;
use std::path::{Path, PathBuf};

/// The environment variable that moves all state into one folder.
pub const HOME_VARIABLE: &str = "SNOWDECK_HOME";

/// Every folder and file that snowdeck keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The settings file; need not exist.
    pub settings: PathBuf,
    /// Folder of the embedded cloud's state: database, objects, credentials, address.
    pub cloud: PathBuf,
    /// Folder for generated files that are about to be uploaded.
    pub files: PathBuf,
    /// Folder of the log files.
    pub logs: PathBuf,
    /// The console's settings; need not exist.
    pub console: PathBuf,
    /// Folder of the user's themes; need not exist.
    pub themes: PathBuf,
    /// What the console keeps between two starts.
    pub kept: PathBuf,
    /// Folder of pictures of screens.
    pub pictures: PathBuf,
    /// Folder of what the console keeps between starts.
    pub state: PathBuf,
}

impl Paths {
    /// All in `home` where given (flag before `SNOWDECK_HOME`), else the XDG folders, also on macOS.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`] when the user has no home directory.
    pub fn find(home: Option<&Path>) -> Result<Self, ConfigError> {
        let folder = |name: &str| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let absolute = |p: &Path| std::path::absolute(p).unwrap_or_else(|_| p.to_path_buf());
        if let Some(home) = home.map(Path::to_path_buf).or_else(|| folder(HOME_VARIABLE)) {
            return Ok(Self::in_home(&absolute(&home)));
        }
        let user = directories::BaseDirs::new().ok_or(ConfigError::NoHome)?;
        // XDG: a relative path in these variables is to be ignored.
        let xdg = |name: &str, default: &str| {
            folder(name).filter(|p| p.is_absolute()).unwrap_or_else(|| user.home_dir().join(default)).join("snowdeck")
        };
        let data = xdg("XDG_DATA_HOME", ".local/share");
        let (settings, state) = (xdg("XDG_CONFIG_HOME", ".config"), xdg("XDG_STATE_HOME", ".local/state"));
        Ok(Self {
            settings: settings.join("config.toml"),
            cloud: data.join("cloud"),
            files: data.join("files"),
            logs: state.join("logs"),
            console: settings.join("console.toml"),
            themes: settings.join("themes"),
            kept: state.join("console.json"),
            pictures: data.join("pictures"),
            state,
        })
    }

    /// The tour's own home, beside everything else: what it makes and breaks is nobody else's. Looks and keys are the
    /// user's.
    #[must_use]
    pub fn demo(&self) -> Self {
        let home = self.cloud.with_file_name("demo");
        Self {
            console: self.console.clone(),
            themes: self.themes.clone(),
            pictures: self.pictures.clone(),
            ..Self::in_home(&home)
        }
    }

    /// All state in one folder.
    #[must_use]
    pub fn in_home(home: &Path) -> Self {
        Self {
            settings: home.join("config.toml"),
            cloud: home.join("cloud"),
            files: home.join("files"),
            logs: home.join("logs"),
            console: home.join("console.toml"),
            themes: home.join("themes"),
            kept: home.join("state").join("console.json"),
            pictures: home.join("pictures"),
            state: home.join("state"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Paths;
    use std::path::Path;

    #[test]
    fn a_home_holds_everything() {
        let paths = Paths::find(Some(Path::new("/somewhere"))).expect("paths");
        for path in [&paths.settings, &paths.cloud, &paths.files, &paths.logs, &paths.state] {
            assert!(path.starts_with("/somewhere"), "{}", path.display());
        }
    }
}
