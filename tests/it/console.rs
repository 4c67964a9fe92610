//! The console in a real terminal.

use super::terminal::Terminal;
use tempfile::TempDir;

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

/// A console in a home of its own, started from a shell that says how it ended.
fn console(size: (u16, u16)) -> Option<(Terminal, TempDir)> {
    let home = TempDir::new().expect("a folder");
    let path = home.path().display();
    let program = env!("CARGO_BIN_EXE_snowdeck");
    let command = format!("SNOWDECK_HOME='{path}' PS1='shell> ' sh -c '{program}; echo left with $?; exec sh -i'");
    let terminal = Terminal::start(&command, size)?;
    terminal.wait_for("DATAMART");
    Some((terminal, home))
}

/// Waits until the services answer.
fn connected(terminal: &Terminal) {
    terminal.wait_for("Nothing is running");
}

#[test]
fn shows_help_and_gives_the_terminal_back() {
    let Some((terminal, _home)) = console(SMALL) else { return };
    assert_eq!(terminal.value("#{alternate_on}"), "1");
    terminal.press(&["?"]);
    terminal.wait_for("Run the whole job");
    terminal.press(&["Escape"]);
    terminal.wait("no help", |s| !s.contains("Run the whole job"));
    terminal.press(&["q"]);
    terminal.wait_for("left with 0");
    assert_eq!(terminal.value("#{alternate_on}"), "0");
    assert_eq!(terminal.value("#{mouse_any_flag}"), "0");
    assert_eq!(terminal.value("#{cursor_flag}"), "1");
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let Some((terminal, _home)) = console(SMALL) else { return };
    let shell = terminal.value("#{pane_pid}");
    let children = std::process::Command::new("pgrep").args(["-P", &shell]).output().expect("pgrep runs");
    let pid = String::from_utf8_lossy(&children.stdout).trim().to_owned();
    std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
    terminal.wait_for("left with");
    assert_eq!(terminal.value("#{alternate_on}"), "0");
}

#[test]
fn a_small_terminal_gets_a_message_and_a_large_one_the_screen_again() {
    let Some((terminal, _home)) = console(SMALL) else { return };
    terminal.resize(20, 5);
    terminal.wait_for("snowdeck needs");
    terminal.resize(120, 40);
    terminal.wait_for("DATAMART");
}

#[test]
fn files_are_made_uploaded_and_seen() {
    let Some((terminal, _home)) = console(SMALL) else { return };
    connected(&terminal);
    terminal.press(&["2", "x"]);
    terminal.wait_for("33 objects in S3");
    terminal.press(&["3"]);
    terminal.wait_for("convex-transactions/");
    terminal.press(&["l"]);
    terminal.wait_for("customers.csv");
    terminal.press(&["j"]);
    terminal.wait_for("loyalty_score");
    terminal.press(&["8"]);
    terminal.wait_for("PutObject");
    terminal.press(&["q"]);
    terminal.wait_for("left with 0");
}

#[test]
fn an_operator_loads_deploys_runs_and_looks() {
    whole_flow(LARGE);
}

#[test]
fn the_same_at_80_by_24() {
    whole_flow(SMALL);
}

/// How many statements the pipeline has.
fn statements() -> usize {
    use snowdeck::jobs::deploy::{Pipeline, Variables};
    let values = Variables::default().with("ds_password", "not asked for");
    let deployment = Pipeline::builtin().expect("it loads").prepare(&values).expect("it has its values");
    deployment.plan().steps().count()
}

/// Time is moved to the next scheduled run, which finds nothing new.
fn skipped_run(terminal: &Terminal) {
    terminal.press(&["f"]);
    terminal.wait_for("Move time ahead");
    terminal.press(&["y"]);
    terminal.wait_for("no data");
}

/// From an empty home to counted marts, by keys alone.
fn whole_flow(size: (u16, u16)) {
    let Some((terminal, _home)) = console(size) else { return };
    connected(&terminal);
    terminal.press(&["2", "x"]);
    terminal.wait_for("33 objects in S3");
    terminal.press(&["3"]);
    terminal.wait_for("convex-transactions/");
    terminal.press(&["4", "n"]);
    terminal.wait_for("✓ Statement executed successfully.");
    terminal.press(&["n"]);
    let all = statements();
    terminal.wait_for(&format!("2 of {all}"));
    terminal.press(&["a"]);
    terminal.wait("every statement to have run", |s| {
        s.contains(&format!("All {all} statements have run")) || s.contains('✗')
    });
    let screen = terminal.screen();
    assert!(!screen.contains('✗'), "{screen}");
    terminal.press(&["5", "x"]);
    terminal.wait("the last task to have succeeded", |s| {
        s.lines().any(|line| line.contains('✓') && line.contains("MART_DAILY_SALES"))
    });
    // The comparison with the files follows at once and may have the last word.
    terminal.wait("the run's end", |s| s.contains("ran to its end") || s.contains("hold what the files hold"));
    skipped_run(&terminal);
    terminal.press(&["6"]);
    terminal.wait_for("agree");
    let screen = terminal.screen();
    assert!(!screen.contains('✗'), "{screen}");
    terminal.press(&["7", "i"]);
    terminal.type_text("SELECT COUNT(*) AS N FROM CONVEX_DATAMART.MART_CUSTOMER_PURCHASES");
    terminal.press(&["C-r"]);
    terminal.wait_for("1 row");
    // Escape with a key right behind it is Alt and that key.
    terminal.press(&["Escape"]);
    terminal.wait_for("i write");
    terminal.press(&["8"]);
    terminal.wait_for("SELECT COUNT(*) AS N");
    terminal.press(&["q"]);
    terminal.wait_for("left with 0");
}
