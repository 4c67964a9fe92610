//! The guided tour in a real terminal, and its recording: the same script from the first file to the repaired run.

use super::terminal::Terminal;
use rstest::rstest;
use std::process::Command;
use tempfile::TempDir;

#[rstest]
#[case::at_80_by_24((80, 24))]
#[case::at_120_by_40((120, 40))]
#[case::at_200_by_60((200, 60))]
fn the_tour_goes_through_in_a_terminal(#[case] size: (u16, u16)) {
    let home = TempDir::new().expect("a folder");
    let path = home.path().display();
    let program = env!("CARGO_BIN_EXE_snowdeck");
    let command = format!(
        "SNOWDECK_HOME='{path}' PS1='shell> ' sh -c '{program} demo --auto --hold 5 --leave; echo left with $?; exec sh -i'"
    );
    let Some(terminal) = Terminal::start(&command, size) else { return };
    terminal.wait_long("the tour to end", |screen| screen.contains("left with"));
    let screen = terminal.screen();
    assert!(screen.contains("left with 0"), "{screen}");
    assert_eq!(terminal.value("#{alternate_on}"), "0");
}

#[test]
fn a_presenter_leads_with_one_key_and_notes_follow_in_a_second_terminal() {
    let home = TempDir::new().expect("a folder");
    let path = home.path().display();
    let program = env!("CARGO_BIN_EXE_snowdeck");
    let run = |args: &str, size| Terminal::start(&format!("SNOWDECK_HOME='{path}' {program} demo {args}"), size);
    let Some(terminal) = run("", (100, 30)) else { return };
    terminal.wait_for("Every purchase, from a file to a decision");
    let Some(notes) = run("--notes", (80, 24)) else { return };
    notes.wait_for("Nothing here needs a network");
    terminal.press(&["Space"]);
    terminal.wait_for("2 of ");
    notes.wait_for("Left to right is the way of the data");
    terminal.press(&["b"]);
    terminal.wait_for("Every purchase, from a file to a decision");
    terminal.press(&["J"]);
    terminal.wait_for("Something breaks");
    terminal.press(&["Escape"]);
    // Escape with a key right behind it is Alt and that key.
    terminal.wait("no list", |s| !s.contains("Something breaks"));
    terminal.press(&["Escape"]);
    terminal.wait_for("r run");
}

#[test]
fn a_recording_has_a_marker_for_each_chapter() {
    let home = TempDir::new().expect("a folder");
    let (cast, pictures) = (home.path().join("tour.cast"), home.path().join("pictures"));
    let script = home.path().join("short.toml");
    std::fs::write(&script, SHORT).expect("writable");
    let made = Command::new(env!("CARGO_BIN_EXE_snowdeck"))
        .args(["demo", "--home"])
        .arg(home.path().join("home"))
        .arg("--script")
        .arg(&script)
        .arg("--record")
        .arg(&cast)
        .arg("--pictures")
        .arg(&pictures)
        .output()
        .expect("runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = std::fs::read_to_string(&cast).expect("a recording");
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!((lines[0]["version"].as_u64(), lines[0]["width"].as_u64()), (Some(2), Some(110)));
    let markers: Vec<&str> = lines[1..].iter().filter(|l| l[1] == "m").filter_map(|l| l[2].as_str()).collect();
    assert_eq!(markers, ["First", "Second"]);
    let times: Vec<f64> = lines[1..].iter().filter_map(|l| l[0].as_f64()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!((times[times.len() - 1] - 12.2).abs() < 0.001, "the time is the script's: {times:?}");
    let picture = std::fs::read_to_string(pictures.join("second-1.svg")).expect("a picture");
    assert!(picture.contains("customers.csv") || picture.contains("convex-customers"), "{picture}");
}

const SHORT: &str = r#"
title = "Short"
[[chapter]]
id = "first"
title = "First"
[[chapter.step]]
slide = true
title = "Hello"
caption = "A slide."
hold = 4
[[chapter]]
id = "second"
title = "Second"
[[chapter.step]]
pane = "generate"
do = ["generate"]
caption = "Files."
keys = "3"
wait = { screen = "convex-customers" }
hold = 7
"#;

#[test]
fn a_step_that_does_not_come_to_stand_is_named() {
    let home = TempDir::new().expect("a folder");
    let script = home.path().join("stuck.toml");
    let text = SHORT.replace("convex-customers\" }", "no such text\", patience = 15 }");
    std::fs::write(&script, text).expect("writable");
    let made = Command::new(env!("CARGO_BIN_EXE_snowdeck"))
        .args(["demo", "--home"])
        .arg(home.path().join("home"))
        .arg("--script")
        .arg(&script)
        .arg("--record")
        .arg(home.path().join("x.cast"))
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&made.stderr);
    assert_eq!(made.status.code(), Some(1), "{said}");
    assert!(said.contains("chapter second, step 1") && said.contains("no such text"), "{said}");
}
