//! The one table of keys. Dispatch, the `?` help, the footer and the palette are all read from it.

use super::action::Action as A;
use super::key::{Code, Key, ch, ctrl, f, key};
use super::model::PaneId as P;

mod custom;

pub use custom::{Keymap, KeymapError, action_name, context_name};

/// Where a binding holds. A key is looked up in the contexts that are active, the narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere, except while typing.
    Global,
    /// Lists and trees.
    List,
    /// One pane.
    Pane(P),
    /// While typing in the Query editor.
    Editor,
    /// While editing a statement of the deployment.
    Statement,
    /// While typing into a line: filter, field, name.
    Line,
    /// The list of commands.
    Palette,
    /// A question with yes and no.
    Confirm,
    /// Help, an error or another text to read.
    Reader,
    /// A list on top, to choose from.
    Choice,
    /// The tour.
    Present,
    /// A cell in full.
    Inspect,
}

impl Context {
    /// Its heading in the help.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::List => "Moving about",
            Self::Pane(pane) => pane.title(),
            Self::Editor => "While writing SQL",
            Self::Statement => "While editing a statement",
            Self::Line => "While typing",
            Self::Palette => "Palette",
            Self::Confirm => "Question",
            Self::Reader => "Reading",
            Self::Choice => "Choosing",
            Self::Present => "The tour",
            Self::Inspect => "A cell in full",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where it holds.
    pub context: Context,
    /// Keys that mean it; the first is the one that hints show.
    pub keys: &'static [Key],
    /// What they mean.
    pub action: A,
    /// A word or two for the footer; empty where the footer leaves it out.
    pub hint: &'static str,
    /// A sentence for the help and the palette.
    pub help: &'static str,
}

const fn b(context: Context, keys: &'static [Key], action: A, hint: &'static str, help: &'static str) -> Binding {
    Binding { context, keys, action, hint, help }
}

const ALT_ENTER: Key = Key { code: Code::Enter, ctrl: false, alt: true, shift: false };
const CTRL_ENTER: Key = Key { code: Code::Enter, ctrl: true, alt: false, shift: false };

/// Every key of the console.
#[rustfmt::skip]
pub static TABLE: &[Binding] = &[
    b(Context::Pane(P::Overview), &[ch('r')], A::RunAll, "run", "Run the whole job: generate, upload, deploy, load, count, reconcile"),
    b(Context::Pane(P::Overview), &[ch('g')], A::Go(P::Generate), "generate", "Go to Generate"),
    b(Context::Pane(P::Overview), &[ch('d')], A::Go(P::Deploy), "deploy", "Go to Deploy"),
    b(Context::Pane(P::Overview), &[key(Code::Enter)], A::Enter, "open part", "Open the pane of the selected part"),
    b(Context::Pane(P::Overview), &[ch('R')], A::Refresh, "", "Count everything again"),

    b(Context::Pane(P::Generate), &[ch('x')], A::Generate, "generate + upload", "Generate the files and put them into S3"),
    b(Context::Pane(P::Generate), &[key(Code::Enter), ch('i')], A::Enter, "edit", "Edit the field, switch it, or press the button"),
    b(Context::Pane(P::Generate), &[ch(' ')], A::Toggle, "switch", "Switch a fault on or off, or to the next choice"),
    b(Context::Pane(P::Generate), &[ch('w')], A::Feed, "live feed", "Start the live feed, or stop it"),
    b(Context::Pane(P::Generate), &[ch('v')], A::View, "rows", "Charts, or the first rows of each data set"),
    b(Context::Pane(P::Generate), &[ch('f')], A::GenerateOnly, "files only", "Generate the files and leave S3 alone"),
    b(Context::Pane(P::Generate), &[ch('u')], A::Upload, "upload", "Upload the files that were generated before"),
    b(Context::Pane(P::Generate), &[ch('z')], A::Reset, "defaults", "Set the fields back to the defaults"),

    b(Context::Pane(P::S3), &[key(Code::Enter)], A::Enter, "open", "Open the prefix, or read the object"),
    b(Context::Pane(P::S3), &[ch('v')], A::View, "view", "Content, details and versions, or loads of the object"),
    b(Context::Pane(P::S3), &[ch(' ')], A::Toggle, "mark", "Mark the object or prefix, or take the mark away"),
    b(Context::Pane(P::S3), &[ch('u')], A::Upload, "upload", "Upload a file or folder to the selected prefix"),
    b(Context::Pane(P::S3), &[ch('d')], A::Download, "download", "Download what is marked, or what is selected"),
    b(Context::Pane(P::S3), &[ch('p')], A::Jump, "jump", "Show the bucket from a prefix on; the store looks for it"),
    b(Context::Pane(P::S3), &[ch('s')], A::Sort, "sort", "Order by name, size or time"),
    b(Context::Pane(P::S3), &[ch('r')], A::Refresh, "refresh", "List the open prefixes again, and what has been loaded"),
    b(Context::Pane(P::S3), &[ch('y')], A::Copy, "copy", "Copy the s3:// address"),
    b(Context::Pane(P::S3), &[ch('Y')], A::CopyLink, "", "Copy a link that opens the object for an hour, for whoever has it"),
    b(Context::Pane(P::S3), &[ch('a')], A::SelectAll, "", "Mark all objects that are shown, or none"),
    b(Context::Pane(P::S3), &[ch('D')], A::Delete, "delete", "Delete what is marked, or the object, or everything under the prefix"),

    b(Context::Pane(P::Deploy), &[ch('n')], A::StepNext, "next", "Run the next statement"),
    b(Context::Pane(P::Deploy), &[ch('t')], A::StepHere, "to here", "Run up to and including the selected statement"),
    b(Context::Pane(P::Deploy), &[ch('s')], A::StepStage, "stage", "Run what is left of the selected stage; one that loads files, again"),
    b(Context::Pane(P::Deploy), &[ch('a')], A::StepAll, "all", "Run everything that is left"),
    b(Context::Pane(P::Deploy), &[ch('x')], A::StepOne, "this one", "Run the selected statement, whether it has run or not"),
    b(Context::Pane(P::Deploy), &[ch('e')], A::EditStep, "edit", "Edit the statement where it stands, and try it again"),
    b(Context::Pane(P::Deploy), &[ch('K')], A::SkipStep, "skip", "Pass the selected statement over, with a reason that the journal keeps"),
    b(Context::Pane(P::Deploy), &[ch('p')], A::ShowPlan, "plan", "What would run, and what has changed since it ran"),
    b(Context::Pane(P::Deploy), &[ch('v')], A::Rehearse, "rehearse", "Run the plan on a fresh embedded cloud first, then here; show what differs"),
    b(Context::Pane(P::Deploy), &[ch('u')], A::Undo, "undo…", "Take the whole deployment back; shows first what would run"),
    b(Context::Pane(P::Deploy), &[ch('U')], A::UndoFrom, "", "Take the selected stage back, and those after it; shows first what would run"),
    b(Context::Pane(P::Deploy), &[ch('o')], A::EditSql, "", "Put the statement into the Query pane"),
    b(Context::Pane(P::Deploy), &[ch('y')], A::Copy, "copy", "Copy the query id, or the statement where there is none"),
    b(Context::Pane(P::Deploy), &[ch('R')], A::Refresh, "", "Read the plan and the journal again"),

    b(Context::Pane(P::Tasks), &[ch('x')], A::ExecuteTask, "run", "Run the task tree now"),
    b(Context::Pane(P::Tasks), &[ch('r')], A::RetryTask, "retry", "Run what failed in the last run again, and all behind it"),
    b(Context::Pane(P::Tasks), &[ch('c')], A::CancelTask, "cancel", "End what runs of the tree; what has been done stays"),
    b(Context::Pane(P::Tasks), &[ch('s')], A::ToggleTask, "suspend/resume", "Suspend the tree's root, or resume it"),
    b(Context::Pane(P::Tasks), &[ch('f')], A::FastForward, "fast-forward", "Move the embedded cloud's clock to the next scheduled run"),
    b(Context::Pane(P::Tasks), &[key(Code::Enter)], A::Enter, "read", "Read the task's attempts, error, value and statement"),
    b(Context::Pane(P::Tasks), &[ch('S')], A::ToggleOne, "", "Suspend the selected task, or resume it"),
    b(Context::Pane(P::Tasks), &[ch('F')], A::RunFromHere, "", "Run the tree from the selected task on: the root, or one that failed"),
    b(Context::Pane(P::Tasks), &[ch('R')], A::Refresh, "", "Read the tree and its history again"),
    b(Context::Pane(P::Tasks), &[ch('e')], A::EditSql, "edit", "Put the task's statement into the Query pane"),
    b(Context::Pane(P::Tasks), &[ch('y')], A::Copy, "copy id", "Copy the task's query id"),

    b(Context::Pane(P::Marts), &[ch('R')], A::Reconcile, "reconcile", "Compare every layer with what the files hold"),
    b(Context::Pane(P::Marts), &[key(Code::Enter)], A::Enter, "open", "Select from the mart in the Query pane; on the ladder: why a layer holds what it holds"),
    b(Context::Pane(P::Marts), &[ch('v')], A::View, "chart/rows", "The mart's chart, or some of its rows"),
    b(Context::Pane(P::Marts), &[ch('e')], A::EditSql, "query", "Select from the mart in the Query pane"),
    b(Context::Pane(P::Marts), &[ch('r')], A::Refresh, "count", "Count the marts and read them again"),
    b(Context::Pane(P::Marts), &[ch('y')], A::Copy, "copy", "Copy the mart's name"),

    b(Context::Pane(P::Query), &[ch('i')], A::Edit, "write", "Write SQL; Esc ends it"),
    b(Context::Pane(P::Query), &[ch('x'), f(5), ctrl('r'), ALT_ENTER, CTRL_ENTER], A::RunSql, "run", "Run the statement under the cursor"),
    b(Context::Pane(P::Query), &[key(Code::Enter)], A::Enter, "inspect", "Write, or read the selected cell in full"),
    b(Context::Pane(P::Query), &[ch('e')], A::Export, "export", "Write all rows to a CSV, JSON or Parquet file"),
    b(Context::Pane(P::Query), &[ch('H')], A::History, "history", "Pick from the statements that ran"),
    b(Context::Pane(P::Query), &[ch('o')], A::OpenSaved, "open", "Pick from the queries that have a name"),
    b(Context::Pane(P::Query), &[ch('S')], A::SaveQuery, "save", "Keep the statement under a name"),
    b(Context::Pane(P::Query), &[ch('r')], A::SwitchRole, "role", "Run statements as another role"),
    b(Context::Pane(P::Query), &[ch('f')], A::SwitchProfile, "", "Run statements on another profile"),
    b(Context::Pane(P::Query), &[ch('X')], A::Explain, "explain", "Ask how the statement would be run"),
    b(Context::Pane(P::Query), &[ch('z')], A::Reset, "", "An empty editor; p brings the text back"),
    b(Context::Pane(P::Query), &[ch('p')], A::HistoryBack, "", "Bring back an earlier statement"),
    b(Context::Pane(P::Query), &[ch('n')], A::HistoryNext, "", "Bring back a later statement"),
    b(Context::Pane(P::Query), &[ch('y')], A::Copy, "", "Copy the selected cell, or the text"),
    b(Context::Pane(P::Query), &[ch('R')], A::Refresh, "", "Read the names for completion again"),

    b(Context::Pane(P::Log), &[key(Code::Enter)], A::Enter, "read", "Read the call in full"),
    b(Context::Pane(P::Log), &[ch('o'), ch('e')], A::EditSql, "open in Query", "Put the statement into the Query pane"),
    b(Context::Pane(P::Log), &[ch('v')], A::View, "kind", "All calls, statements only, or S3 only"),
    b(Context::Pane(P::Log), &[ch('f'), ch(' ')], A::Toggle, "failed", "Only calls that failed, or all"),
    b(Context::Pane(P::Log), &[ch('y')], A::Copy, "copy", "Copy the call's text"),
    b(Context::Pane(P::Log), &[ch('Y')], A::CopyLink, "", "Copy the query id or request id"),

    b(Context::Editor, &[ctrl('r'), f(5), ALT_ENTER, CTRL_ENTER, ctrl('j')], A::RunSql, "run", "Run the statement under the cursor"),
    b(Context::Editor, &[key(Code::Esc)], A::Back, "leave editor", "Back to the keys of the pane; first, forget what is offered"),
    b(Context::Editor, &[f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),

    b(Context::Statement, &[ctrl('r'), f(5), ALT_ENTER, CTRL_ENTER, ctrl('j')], A::RunSql, "run", "Run the statement with this text"),
    b(Context::Statement, &[ctrl('o'), f(4)], A::OpenEditor, "your editor", "Go on in $VISUAL or $EDITOR"),
    b(Context::Statement, &[key(Code::Esc)], A::Back, "leave", "Back to the statement; an edited text is kept"),
    b(Context::Statement, &[f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),

    b(Context::Line, &[key(Code::Enter)], A::Enter, "accept", "Take what was typed"),
    b(Context::Line, &[key(Code::Esc)], A::Back, "cancel", "Forget what was typed"),
    b(Context::Line, &[f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),

    b(Context::Palette, &[key(Code::Enter)], A::Enter, "do it", "Do the selected action"),
    b(Context::Palette, &[key(Code::Down), ctrl('n'), key(Code::Tab)], A::Down, "", "Next action"),
    b(Context::Palette, &[key(Code::Up), ctrl('p'), key(Code::BackTab)], A::Up, "", "Action before"),
    b(Context::Palette, &[key(Code::Esc), ctrl('c')], A::Back, "close", "Close the palette"),
    b(Context::Palette, &[f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),

    b(Context::Confirm, &[ch('y'), ch('Y')], A::Yes, "yes", "Do it"),
    b(Context::Confirm, &[ch('n'), ch('N'), key(Code::Enter), key(Code::Esc), ch('q'), ctrl('c')], A::No, "no", "Leave everything as it is"),
    b(Context::Confirm, &[ch('!'), f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),

    b(Context::Reader, &[key(Code::Esc), key(Code::Enter), ch('q'), ch('?'), ctrl('c')], A::Back, "close", "Close"),
    b(Context::Reader, &[ch('j'), key(Code::Down)], A::Down, "scroll", "Down"),
    b(Context::Reader, &[ch('k'), key(Code::Up)], A::Up, "", "Up"),
    b(Context::Reader, &[ctrl('d'), key(Code::PageDown), ch(' ')], A::PageDown, "", "Half a screen down"),
    b(Context::Reader, &[ctrl('u'), key(Code::PageUp)], A::PageUp, "", "Half a screen up"),
    b(Context::Reader, &[ch('y')], A::Copy, "copy", "Copy the text"),
    b(Context::Reader, &[ch('!'), f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),

    b(Context::Choice, &[key(Code::Enter), ch(' ')], A::Enter, "take it", "Take the selected row"),
    b(Context::Choice, &[ch('j'), key(Code::Down)], A::Down, "", "Down"),
    b(Context::Choice, &[ch('k'), key(Code::Up)], A::Up, "", "Up"),
    b(Context::Choice, &[ch('g'), key(Code::Home)], A::Top, "", "To the first"),
    b(Context::Choice, &[ch('G'), key(Code::End)], A::Bottom, "", "To the last"),
    b(Context::Choice, &[key(Code::Esc), ch('q'), ctrl('c')], A::Back, "leave it", "Leave everything as it was"),
    b(Context::Choice, &[ch('!'), f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),

    b(Context::Present, &[ch(' '), key(Code::Right), key(Code::PageDown)], A::TourNext, "next", "Go on"),
    b(Context::Present, &[ch('b'), key(Code::Left), key(Code::PageUp)], A::TourBack, "back", "One back"),
    b(Context::Present, &[ch('J')], A::TourChapters, "chapters", "Jump to a chapter"),
    b(Context::Present, &[ch('a')], A::TourAuto, "auto", "Go on by itself, or stop doing so"),
    b(Context::Present, &[ch('R')], A::TourReset, "start again", "Take everything back and start again"),
    b(Context::Present, &[key(Code::Esc)], A::TourLeave, "leave", "Leave the tour; the console stays where it is"),

    b(Context::Inspect, &[key(Code::Esc), ch('q'), ctrl('c')], A::Back, "close", "Close"),
    b(Context::Inspect, &[ch(' '), key(Code::Enter)], A::Toggle, "fold", "Hide or show what is inside"),
    b(Context::Inspect, &[ch('a')], A::SelectAll, "fold all", "Hide or show what is inside everything"),
    b(Context::Inspect, &[ch('j'), key(Code::Down)], A::Down, "", "Down"),
    b(Context::Inspect, &[ch('k'), key(Code::Up)], A::Up, "", "Up"),
    b(Context::Inspect, &[ch('g'), key(Code::Home)], A::Top, "", "To the first line"),
    b(Context::Inspect, &[ch('G'), key(Code::End)], A::Bottom, "", "To the last line"),
    b(Context::Inspect, &[ctrl('d'), key(Code::PageDown)], A::PageDown, "", "Half a screen down"),
    b(Context::Inspect, &[ctrl('u'), key(Code::PageUp)], A::PageUp, "", "Half a screen up"),
    b(Context::Inspect, &[ch('!'), f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),
    b(Context::Inspect, &[ch('h'), key(Code::Left)], A::Left, "", "Hide the inside, or go to what holds it"),
    b(Context::Inspect, &[ch('l'), key(Code::Right)], A::Right, "", "Show the inside"),
    b(Context::Inspect, &[ch('y')], A::Copy, "copy", "Copy the cell as it came"),

    b(Context::List, &[ch('j'), key(Code::Down)], A::Down, "", "Down"),
    b(Context::List, &[ch('k'), key(Code::Up)], A::Up, "", "Up"),
    b(Context::List, &[ch('g'), key(Code::Home)], A::Top, "", "To the first"),
    b(Context::List, &[ch('G'), key(Code::End)], A::Bottom, "", "To the last"),
    b(Context::List, &[ctrl('d'), key(Code::PageDown)], A::PageDown, "", "Half a screen down"),
    b(Context::List, &[ctrl('u'), key(Code::PageUp)], A::PageUp, "", "Half a screen up"),
    b(Context::List, &[ch('h'), key(Code::Left)], A::Left, "", "Left, or out"),
    b(Context::List, &[ch('l'), key(Code::Right)], A::Right, "", "Right, or in"),
    b(Context::List, &[key(Code::Enter)], A::Enter, "", "Open or choose"),

    b(Context::Global, &[ch('/')], A::Filter, "filter", "Narrow the list; Esc clears"),
    b(Context::Global, &[ch('c')], A::Cancel, "cancel", "Stop the work that is under way"),
    b(Context::Global, &[ch(':'), ctrl('k')], A::Palette, "palette", "Find any action by name"),
    b(Context::Global, &[ch('?'), f(1)], A::Help, "help", "The keys that work here"),
    b(Context::Global, &[ch('q'), ctrl('c')], A::Quit, "quit", "Leave the console"),
    b(Context::Global, &[ch('1')], A::Go(P::Overview), "", "Overview: the pipeline as a picture"),
    b(Context::Global, &[ch('2')], A::Go(P::Generate), "", "Generate: make test data"),
    b(Context::Global, &[ch('3')], A::Go(P::S3), "", "S3: browse the bucket"),
    b(Context::Global, &[ch('4')], A::Go(P::Deploy), "", "Deploy: step through the statements"),
    b(Context::Global, &[ch('5')], A::Go(P::Tasks), "", "Tasks: the tree and its runs"),
    b(Context::Global, &[ch('6')], A::Go(P::Marts), "", "Marts: counts and reconciliation"),
    b(Context::Global, &[ch('7')], A::Go(P::Query), "", "Query: write SQL"),
    b(Context::Global, &[ch('8')], A::Go(P::Log), "", "Log: every call"),
    b(Context::Global, &[key(Code::Tab)], A::NextPanel, "", "Next panel"),
    b(Context::Global, &[key(Code::BackTab)], A::PrevPanel, "", "Panel before"),
    b(Context::Global, &[ch(']')], A::NextPane, "", "Next pane"),
    b(Context::Global, &[ch('[')], A::PrevPane, "", "Pane before"),
    b(Context::Global, &[key(Code::Esc)], A::Back, "", "Close, clear the filter, or go out"),
    b(Context::Global, &[ch('E')], A::LastError, "", "The last error in full"),
    b(Context::Global, &[ch('T')], A::Theme, "", "Choose a colour theme, seen as you go"),
    b(Context::Global, &[ch('W')], A::Alerts, "", "The tasks that have failed lately, with why"),
    b(Context::Global, &[ch('P')], A::Tour, "", "Present: the whole story as a guided tour"),
    b(Context::Global, &[ch('!'), f(12)], A::Picture, "", "Save a picture of this screen (SVG)"),
    b(Context::Global, &[ch('V')], A::Still, "", "Less motion, or all of it"),
    b(Context::Global, &[ch('M')], A::Mouse, "", "Mouse on or off (off: the terminal selects text)"),
    b(Context::Global, &[ch('A')], A::Ascii, "", "Plain ASCII instead of line drawing"),
    b(Context::Global, &[ctrl('z')], A::Suspend, "", "Back to the shell; fg returns"),
];

/// What a key means by default where `contexts` are active, the narrowest first; [`Keymap::lookup`] knows of changes.
#[must_use]
pub fn lookup(contexts: &[Context], key: Key) -> Option<A> {
    contexts.iter().find_map(|c| TABLE.iter().find(|b| b.context == *c && b.keys.contains(&key)).map(|b| b.action))
}

/// The rows that hold where `contexts` are active, the narrowest first.
pub fn rows(contexts: &[Context]) -> impl Iterator<Item = &'static Binding> + '_ {
    contexts.iter().flat_map(|c| TABLE.iter().filter(move |b| b.context == *c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_key_means_one_thing_in_one_context() {
        let mut seen = HashSet::new();
        for row in TABLE {
            assert!(!row.keys.is_empty() && !row.help.is_empty(), "{row:?}");
            for key in row.keys {
                assert!(seen.insert((row.context, *key)), "{key} twice in {:?}", row.context);
            }
        }
    }

    #[test]
    fn nothing_that_changes_something_hides_behind_a_key_for_moving() {
        for row in TABLE.iter().filter(|r| r.action.changes()) {
            assert!(!row.keys.contains(&ctrl('d')), "{row:?}");
            assert!(!row.keys.contains(&key(Code::Enter)), "{row:?}");
        }
    }

    #[test]
    fn the_narrowest_context_wins() {
        let here = [Context::Pane(P::Overview), Context::List, Context::Global];
        assert_eq!(lookup(&here, ch('g')), Some(A::Go(P::Generate)));
        assert_eq!(lookup(&here, ch('G')), Some(A::Bottom));
        assert_eq!(lookup(&here, ch('q')), Some(A::Quit));
        assert_eq!(lookup(&[Context::Editor], ch('q')), None);
    }
}
