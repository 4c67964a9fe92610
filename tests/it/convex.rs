//! The built-in pipeline, deployed on a served cloud: files go into its bucket, are loaded, and the task tree runs over them.

use crate::kill::Victim;
use crate::served::{run, said};
use snowdeck::domain::GenerateSpec;
use snowdeck::jobs::Context;
use snowdeck::jobs::deploy::{Pipeline, Variables};
use snowdeck::jobs::generate::{Destination, Options, run_with};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const BUCKET: &str = "convex-insurance";
/// How long one run of the tree may take.
const PATIENCE: Duration = Duration::from_mins(5);
const CONTEXT: [&str; 3] = ["USE ROLE CONVEX_ENGINEER", "USE WAREHOUSE CONVEX_WH", "USE DATABASE CONVEX_INSURANCE"];

/// A home with the pipeline deployed.
pub struct Convex {
    /// The server, with a session as the pipeline's role.
    pub victim: Victim,
    load: Vec<String>,
    stored: BTreeMap<String, Vec<u8>>,
}

impl Convex {
    /// Deploys on a fresh home. The tree runs only when it is told to.
    pub fn start() -> Self {
        let victim = Victim::start(&CONTEXT);
        victim.bucket(BUCKET);
        let deployed = run(victim.home(), &["deploy", "--json"]);
        assert!(deployed.status.success(), "{}", said(&deployed));
        victim.script(&CONTEXT);
        victim.script(&["ALTER TASK CONVEX_CONTROL.LOAD_CONVEX SUSPEND"]);
        let values = Variables::default().with("ds_password", "not asked for").with("aws_key_id", "none");
        let deployment = Pipeline::builtin().expect("it loads").prepare(&values).expect("it has its values");
        let stages = deployment.plan().stages.iter().filter(|s| s.id == "load");
        let load = stages.flat_map(|s| s.steps.iter().map(|step| step.sql.clone())).collect();
        Self { victim, load, stored: BTreeMap::new() }
    }

    /// The same once more, as a kill would leave it now.
    pub fn copy(&self) -> Self {
        let victim = Victim::on(self.victim.copy(), &CONTEXT);
        Self { victim, load: self.load.clone(), stored: self.stored.clone() }
    }

    /// Makes the bucket's objects those of a folder that is laid out as it is.
    pub fn store(&mut self, folder: &Path) {
        for (key, content) in files(folder) {
            if self.stored.get(&key) != Some(&content) {
                self.victim.put(BUCKET, &key, &content);
                self.stored.insert(key, content);
            }
        }
    }

    /// Loads what is new in the bucket.
    pub fn load(&self) {
        let statements: Vec<&str> = self.load.iter().map(String::as_str).collect();
        self.victim.script(&statements);
    }

    /// Runs the tree and waits for its end; gives the tasks that did not succeed with their errors.
    pub fn run_tree(&self) -> String {
        self.victim.script(&["EXECUTE TASK CONVEX_CONTROL.LOAD_CONVEX"]);
        self.wait();
        self.failures()
    }

    /// Waits until no graph runs or is about to.
    pub fn wait(&self) {
        self.victim.wait_for("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.CURRENT_TASK_GRAPHS())", "0", PATIENCE);
    }

    /// Retries what failed in the last run, or runs the tree where nothing did, and waits for the end.
    pub fn resume(&self) -> String {
        if self.victim.run("EXECUTE TASK CONVEX_CONTROL.LOAD_CONVEX RETRY LAST").is_err() {
            return self.run_tree(); // the run that was killed had not begun, or had ended
        }
        self.wait();
        self.failures()
    }

    /// What of the last run's last attempts did not succeed.
    pub fn failures(&self) -> String {
        self.victim.text(
            "SELECT NAME, STATE, ERROR_MESSAGE FROM ( \
               SELECT * FROM ( \
                 SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 10000)) \
                 WHERE STATE <> 'SCHEDULED' QUALIFY RUN_ID = MAX(RUN_ID) OVER () \
               ) QUALIFY ATTEMPT_NUMBER = MAX(ATTEMPT_NUMBER) OVER (PARTITION BY NAME) \
             ) WHERE STATE <> 'SUCCEEDED' AND NOT (NAME = 'LOAD_CONVEX' AND STATE = 'SKIPPED') ORDER BY QUERY_START_TIME",
        )
    }
}

/// The files below a folder by their paths in it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let key = path.strip_prefix(folder).expect("below it").to_str().expect("UTF-8").to_owned();
                out.insert(key, std::fs::read(&path).expect("it can be read"));
            }
        }
    }
    out
}

/// Generates into a folder laid out as the bucket is.
pub fn generate(folder: &Path, spec: &GenerateSpec, options: &Options) {
    let made = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let out = Destination::Directory(made.path().to_owned());
    runtime.block_on(run_with(&Context::silent(), spec, options, out, None)).expect("generated");
    for (name, content) in files(made.path()) {
        let set = name.split(['/', '.']).next().expect("a name").to_owned();
        let rest = name.strip_prefix("transactions/").or_else(|| name.strip_prefix("customers/")).unwrap_or(&name);
        write(folder, &format!("convex-{set}/{rest}"), &content);
    }
}

/// Writes a file below a folder.
pub fn write(folder: &Path, key: &str, content: &[u8]) {
    let path = folder.join(key);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, content).expect("written");
}
