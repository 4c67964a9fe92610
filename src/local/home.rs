//! One cloud per home: its lock, its credentials, and the address under which other processes find it.
//!
//! The lock file's lock is the truth: the system gives it back when its holder ends, however that happened. An address
//! file is believed only if it was written by the process that holds the lock now.

use super::CloudError;
use crate::domain::Secret;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A folder that holds one embedded cloud's state.
#[derive(Debug, Clone)]
pub struct CloudHome {
    folder: PathBuf,
}

/// Who may use the cloud: made at the first start, kept in a file that only the user can read.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Snowflake account name.
    pub account: String,
    /// The user that may do everything (ACCOUNTADMIN).
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// S3 access key id.
    pub access_key: String,
    /// S3 secret key.
    pub secret_key: Secret,
    /// Password for the pipeline's data-science user, handed to its SQL as a template variable.
    pub science_password: Secret,
}

/// Where a running cloud answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Process that runs it.
    pub pid: u32,
    /// Changes with every start; stands in the lock file too.
    pub instance: String,
    /// Host of both endpoints, a loopback address.
    pub host: String,
    /// Port of the Snowflake endpoint.
    pub snowflake_port: u16,
    /// Port of the S3 endpoint.
    pub s3_port: u16,
    /// Region that both endpoints name.
    pub region: String,
}

/// The file's form: the only place where the secrets are written.
#[derive(Serialize, Deserialize)]
struct CredentialsFile {
    account: String,
    user: String,
    password: String,
    access_key: String,
    secret_key: String,
    science_password: String,
}

/// The held lock of a home. Dropping it gives the home free.
#[derive(Debug)]
pub struct HomeLock {
    file: File,
    instance: String,
}

impl HomeLock {
    /// The mark that this start's address carries.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }
}

impl CloudHome {
    /// The cloud in `folder`, which need not exist yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The warehouse's database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.join("warehouse.duckdb")
    }

    /// The folder of the S3 endpoint's objects.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.folder.join("s3")
    }

    fn lock_file(&self) -> PathBuf {
        self.folder.join("lock")
    }

    fn address_file(&self) -> PathBuf {
        self.folder.join("address.json")
    }

    fn credentials_file(&self) -> PathBuf {
        self.folder.join("credentials.json")
    }

    /// Takes the home; `None` while another process has it. What an earlier holder left as its address goes away.
    ///
    /// # Errors
    /// When the folder or the lock file cannot be made.
    pub fn try_lock(&self) -> Result<Option<HomeLock>, CloudError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|e| CloudError::io(&self.folder, e))?;
        let path = self.lock_file();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|e| CloudError::io(&path, e))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            Err(e) => return Err(CloudError::io(&path, e.into())),
        }
        let instance = uuid::Uuid::new_v4().to_string();
        file.set_len(0).map_err(|e| CloudError::io(&path, e))?;
        file.rewind().and_then(|()| file.write_all(instance.as_bytes())).map_err(|e| CloudError::io(&path, e))?;
        self.forget_address()?;
        Ok(Some(HomeLock { file, instance }))
    }

    /// The address of the cloud that has the home now, once it has written it.
    ///
    /// # Errors
    /// When the files are there but cannot be read.
    pub fn address(&self) -> Result<Option<Address>, CloudError> {
        let Some(text) = read_if_there(&self.address_file())? else { return Ok(None) };
        // Half a file cannot be seen (it is renamed into place); anything unreadable is as good as stale.
        let Ok(address) = serde_json::from_str::<Address>(&text) else { return Ok(None) };
        let holder = read_if_there(&self.lock_file())?;
        Ok((holder.as_deref() == Some(address.instance.as_str())).then_some(address))
    }

    /// The address of the cloud that runs in this home now; `None` where none runs, whatever files are left.
    ///
    /// # Errors
    /// When the files are there but cannot be read.
    pub fn running(&self) -> Result<Option<Address>, CloudError> {
        let path = self.lock_file();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(CloudError::io(&path, e)),
        };
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => Ok(None),
            Err(rustix::io::Errno::WOULDBLOCK) => self.address(),
            Err(e) => Err(CloudError::io(&path, e.into())),
        }
    }

    /// Tells other processes where the cloud answers.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_address(&self, _lock: &HomeLock, address: &Address) -> Result<(), CloudError> {
        let path = self.address_file();
        let text = serde_json::to_vec_pretty(address).map_err(|e| CloudError::io(&path, e.into()))?;
        write_private(&path, &text)
    }

    /// Takes the address away, at the end or when it is stale.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget_address(&self) -> Result<(), CloudError> {
        let path = self.address_file();
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(CloudError::io(&path, e)),
            _ => Ok(()),
        }
    }

    /// The credentials, if a cloud was ever started here.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold credentials.
    pub fn credentials(&self) -> Result<Option<Credentials>, CloudError> {
        let path = self.credentials_file();
        let Some(text) = read_if_there(&path)? else { return Ok(None) };
        let file: CredentialsFile = serde_json::from_str(&text).map_err(|_| CloudError::BrokenFile {
            path: path.display().to_string(),
            what: "does not hold the cloud's credentials".to_owned(),
        })?;
        Ok(Some(Credentials {
            account: file.account,
            user: file.user,
            password: Secret::new(file.password),
            access_key: file.access_key,
            secret_key: Secret::new(file.secret_key),
            science_password: Secret::new(file.science_password),
        }))
    }

    /// The credentials; made now if there are none.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub fn make_credentials(&self, _lock: &HomeLock) -> Result<Credentials, CloudError> {
        if let Some(credentials) = self.credentials()? {
            return Ok(credentials);
        }
        let file = CredentialsFile {
            account: "LOCAL".to_owned(),
            user: "SNOWDECK".to_owned(),
            password: random_text(24),
            access_key: format!("LOCAL{}", random_text(15).to_ascii_uppercase()),
            secret_key: random_text(40),
            science_password: random_text(24),
        };
        let path = self.credentials_file();
        let text = serde_json::to_vec_pretty(&file).map_err(|e| CloudError::io(&path, e.into()))?;
        write_private(&path, &text)?;
        self.credentials()?.ok_or_else(|| CloudError::BrokenFile {
            path: path.display().to_string(),
            what: "vanished while it was read".to_owned(),
        })
    }

    /// Removes the cloud's whole state: database, objects, credentials. `false` where there was none.
    ///
    /// # Errors
    /// [`CloudError::Running`] while a cloud uses it; or when something cannot be removed.
    pub fn reset(&self) -> Result<bool, CloudError> {
        if !self.folder.exists() {
            return Ok(false);
        }
        let Some(lock) = self.try_lock()? else {
            return Err(CloudError::Running {
                folder: self.folder.display().to_string(),
                pid: self.address()?.map(|a| a.pid),
            });
        };
        std::fs::remove_dir_all(&self.folder).map_err(|e| CloudError::io(&self.folder, e))?;
        drop(lock);
        Ok(true)
    }
}

impl Drop for HomeLock {
    fn drop(&mut self) {
        // Explicit, so that a forked child that inherited the descriptor does not keep the home.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn read_if_there(path: &Path) -> Result<Option<String>, CloudError> {
    let mut text = String::new();
    match File::open(path).and_then(|mut f| f.read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(CloudError::io(path, e)),
    }
}

/// Writes a file that only the user can read, whole or not at all.
fn write_private(path: &Path, content: &[u8]) -> Result<(), CloudError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(|e| CloudError::io(path, e))?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).map_err(|e| CloudError::io(path, e))?;
    file.persist(path).map_err(|e| CloudError::io(path, e.error))?;
    Ok(())
}

/// Letters and digits from the system's source of randomness.
fn random_text(length: usize) -> String {
    use rand::distr::{Alphanumeric, SampleString};
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn home() -> (tempfile::TempDir, CloudHome) {
        let dir = tempfile::tempdir().expect("temp dir");
        let home = CloudHome::new(&dir.path().join("cloud"));
        (dir, home)
    }

    fn address(lock: &HomeLock) -> Address {
        Address {
            pid: std::process::id(),
            instance: lock.instance().to_owned(),
            host: "127.0.0.1".to_owned(),
            snowflake_port: 1,
            s3_port: 2,
            region: "r".to_owned(),
        }
    }

    #[test]
    fn one_holder_at_a_time() {
        let (_dir, home) = home();
        let lock = home.try_lock().expect("lock").expect("free");
        assert!(home.try_lock().expect("lock").is_none());
        assert!(matches!(home.reset(), Err(CloudError::Running { .. })));
        drop(lock);
        assert!(home.try_lock().expect("lock").is_some());
    }

    #[test]
    fn a_stale_address_is_not_believed() {
        let (_dir, home) = home();
        let first = home.try_lock().expect("lock").expect("free");
        home.write_address(&first, &address(&first)).expect("write");
        assert_eq!(home.address().expect("read"), Some(address(&first)));
        assert_eq!(home.running().expect("read"), Some(address(&first)));
        let left_behind = address(&first);
        drop(first); // as kill -9 would: the address file stays
        assert!(home.address().expect("read").is_some());
        assert_eq!(home.running().expect("read"), None, "nobody holds the lock");
        let second = home.try_lock().expect("lock").expect("free");
        assert_eq!(home.address().expect("read"), None, "a new holder forgets the old address");
        home.write_address(&second, &left_behind).expect("write");
        assert_eq!(home.address().expect("read"), None, "and another start's mark is not believed");
    }

    #[test]
    fn credentials_stay_and_are_private() {
        let (_dir, home) = home();
        let lock = home.try_lock().expect("lock").expect("free");
        let made = home.make_credentials(&lock).expect("made");
        let again = home.make_credentials(&lock).expect("read");
        assert_eq!(made.password, again.password);
        assert_eq!(made.password.expose().len(), 24);
        assert!(!format!("{made:?}").contains(made.password.expose()));
        for path in [home.credentials_file(), home.lock_file()] {
            let mode = std::fs::metadata(path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn reset_removes_everything() {
        let (_dir, home) = home();
        assert!(!home.reset().expect("nothing there"));
        drop(home.try_lock().expect("lock"));
        assert!(home.reset().expect("reset"));
        assert!(!home.folder().exists());
    }
}
