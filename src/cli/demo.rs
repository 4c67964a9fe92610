//! `snowdeck demo`: the guided tour, in a cloud of its own; its recording; its speaker's notes.

use super::args::{Demo, Global};
use super::failure::Failure;
use super::{console, output, signals};
use crate::config::{LOCAL_PROFILE, Paths, Settings};
use crate::jobs::deploy::Pipeline;
use crate::runtime::{Page, Recording, TourOptions};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

/// How often the notes are looked at.
const LOOK: Duration = Duration::from_millis(200);

pub async fn run(global: &Global, args: Demo) -> Result<(), Failure> {
    if global.profile.as_deref().is_some_and(|p| p != LOCAL_PROFILE) {
        return Err(Failure::usage("the tour makes and breaks things: it runs on the embedded cloud only"));
    }
    if global.readonly {
        return Err(Failure::usage("--readonly refuses the tour: it changes something at every step"));
    }
    let paths = Paths::find(global.home.as_deref())?;
    let own = paths.demo();
    if args.notes {
        return notes(&[Page::file(&own.kept), Page::file(&paths.kept)]).await;
    }
    let script = match &args.script {
        Some(path) => {
            Some(std::fs::read_to_string(path).map_err(|e| Failure::failed(format!("{}: {e}", path.display())))?)
        }
        None => None,
    };
    let tour =
        TourOptions { script, auto: args.auto, hold: args.hold, leave: args.leave, chapter: args.chapter, own: true };
    if !args.keep {
        fresh(&own)?;
    }
    let recording = Recording {
        size: args.size,
        cast: args.record,
        pictures: args.pictures,
        theme: args.theme,
        motion: args.motion,
    };
    let settings = Settings::default();
    if recording.cast.is_some() || recording.pictures.is_some() {
        return console::record(&own, settings, tour, recording).await;
    }
    console::terminal()?;
    console::show(
        &own,
        settings,
        LOCAL_PROFILE,
        console::Show { readonly: false, notice: None, tour: Some(tour), pipeline: Pipeline::builtin()? },
    )
    .await
}

/// The tour begins with nothing, unless another process is giving it.
#[cfg(feature = "local")]
fn fresh(own: &Paths) -> Result<(), Failure> {
    match crate::local::CloudHome::new(&own.cloud).reset() {
        Ok(_) => {}
        Err(error) => {
            return Err(Failure::failed(error.to_string()).hint("leave the other tour first, or join it with --keep"));
        }
    }
    match std::fs::remove_dir_all(&own.files) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::failed(format!("{}: {e}", own.files.display())))
        }
        _ => Ok(()),
    }
}

#[cfg(not(feature = "local"))]
fn fresh(_own: &Paths) -> Result<(), Failure> {
    Err(Failure::usage("this build has no embedded cloud (feature `local`)"))
}

/// Follows the tour that moves.
async fn notes(files: &[PathBuf]) -> Result<(), Failure> {
    let stop = signals::watch()?;
    let screen = std::io::stdout().is_terminal();
    let mut shown = None;
    loop {
        let newest = files.iter().filter_map(|f| Some((std::fs::metadata(f).ok()?.modified().ok()?, f))).max();
        let page = newest.and_then(|(_, file)| Page::read(file));
        if shown.as_ref() != Some(&page) {
            output::line(&words(page.as_ref(), screen))?;
            shown = Some(page);
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn words(page: Option<&Page>, screen: bool) -> String {
    let clear = if screen { "\x1b[2J\x1b[H" } else { "" };
    match page {
        Some(page) if page.of > 0 => format!(
            "{clear}{}   {} of {}\n\nThey read:  {}\n\n{}\n\nNext:  {}\n",
            page.chapter, page.at, page.of, page.caption, page.notes, page.next
        ),
        _ => format!("{clear}No tour is being given. It begins with: snowdeck demo, or P in the console.\n"),
    }
}
