//! What several tests share: the binary, a home of its own, and a served cloud.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// The binary in a clean environment, on `home`.
pub fn snowdeck(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snowdeck"));
    for (name, _) in std::env::vars() {
        if ["SNOWDECK_", "SNOWFLAKE_", "AWS_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.env("SNOWDECK_HOME", home).env("SNOWFLAKE_HOME", home).stdin(Stdio::null());
    command
}

/// Runs the binary to its end.
pub fn run(home: &Path, args: &[&str]) -> Output {
    snowdeck(home).args(args).output().expect("the binary starts")
}

/// Standard output and standard error together.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A cloud served by another process, ended with SIGTERM.
pub struct Served {
    child: Child,
    /// The line that `local serve --json` printed.
    pub about: Value,
}

impl Served {
    /// Serves the cloud of `home`.
    pub fn start(home: &Path) -> Self {
        let mut child = snowdeck(home)
            .args(["local", "serve", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let about = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        Self { child, about }
    }

    /// A text of the line.
    pub fn text(&self, name: &str) -> &str {
        self.about[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.about))
    }

    /// Asks it to end, and waits.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(rustix::process::Signal::TERM);
        self.child.wait().expect("it ends")
    }

    /// Ends it without a chance to tidy up.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ends");
    }

    /// A copy of its home as SIGKILL would leave it at this moment: the process stands still meanwhile, and then goes on.
    pub fn copy_of(&self, home: &Path) -> tempfile::TempDir {
        let copy = tempfile::tempdir().expect("a temporary folder");
        self.signal(rustix::process::Signal::STOP);
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::waitpid(pid, rustix::process::WaitOptions::UNTRACED).expect("it stands still");
        copy_folder(home, copy.path());
        self.signal(rustix::process::Signal::CONT);
        copy
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process");
        let _ = rustix::process::kill_process(pid, signal);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Copies a folder with all that is in it, rights included.
fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            std::fs::create_dir(&target).expect("made");
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copied");
        }
    }
}

/// Writes a file that only the user can read, as Snowflake's tools ask for.
pub fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("made private");
}

/// Makes the profile `remote` in `home`: the served cloud, reached as an account is, with this password.
pub fn account_profile(home: &Path, served: &Served, password: &str) {
    let settings = format!(
        "[profiles.remote]\nconnection = \"served\"\nbucket = \"convex-insurance\"\nregion = \"ap-southeast-1\"\ns3_endpoint = \"{}\"\n",
        served.text("s3_endpoint")
    );
    std::fs::write(home.join("config.toml"), settings).expect("written");
    let connection = format!(
        "[served]\naccount = \"{}\"\nuser = \"{}\"\npassword = \"{password}\"\nhost = \"{}\"\nport = {}\nprotocol = \"http\"\n",
        served.text("account"),
        served.text("user"),
        served.text("host"),
        served.about["port"],
    );
    write_private(&home.join("connections.toml"), &connection);
}
