//! What an operator can ask for. Keys, the palette and mouse clicks all come to one of these.

use super::model::PaneId;

/// One intention. Which pane it is for is decided by the pane that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Leave the console.
    Quit,
    /// Stop the console and go back to the shell until it is resumed.
    Suspend,
    /// Show the keys that work here.
    Help,
    /// Find any action by name.
    Palette,
    /// Show a pane.
    Go(PaneId),
    /// The pane to the right.
    NextPane,
    /// The pane to the left.
    PrevPane,
    /// The next panel of this pane.
    NextPanel,
    /// The panel before.
    PrevPanel,
    /// Narrow the list of this pane.
    Filter,
    /// Close what is on top, or clear the filter, or go out.
    Back,
    /// Copy what is selected.
    Copy,
    /// Look again.
    Refresh,
    /// Stop the work that is under way.
    Cancel,
    /// Choose a colour theme.
    Theme,
    /// Nothing moves but what must.
    Still,
    /// What has failed lately.
    Alerts,
    /// Save a picture of the screen.
    Picture,
    /// The guided tour.
    Tour,
    /// The tour goes on.
    TourNext,
    /// The tour's step before.
    TourBack,
    /// The tour's chapters.
    TourChapters,
    /// The tour goes on by itself.
    TourAuto,
    /// Everything is taken back, the tour starts again.
    TourReset,
    /// Out of the tour.
    TourLeave,
    /// Plain characters instead of line drawing.
    Ascii,
    /// Mouse on or off.
    Mouse,
    /// The last error in full.
    LastError,

    /// One up.
    Up,
    /// One down.
    Down,
    /// To the first.
    Top,
    /// To the last.
    Bottom,
    /// Half a screen up.
    PageUp,
    /// Half a screen down.
    PageDown,
    /// Left, or out of.
    Left,
    /// Right, or into.
    Right,
    /// Open, choose, start.
    Enter,

    /// The whole job: generate to reconcile.
    RunAll,
    /// Generate and upload.
    Generate,
    /// Generate only.
    GenerateOnly,
    /// Upload what was generated before.
    Upload,
    /// The fields' defaults again.
    Reset,
    /// Delete the object or prefix.
    Delete,
    /// Run the next statement.
    StepNext,
    /// Run up to and including the selected statement.
    StepHere,
    /// Run the selected stage.
    StepStage,
    /// Run everything that has not run.
    StepAll,
    /// Run the selected statement, whether it has run or not.
    StepOne,
    /// Pass the selected statement over, with a reason.
    SkipStep,
    /// Edit the selected statement where it stands.
    EditStep,
    /// The text that is being edited, in the operator's own editor.
    OpenEditor,
    /// What would run, and how it differs from what has run.
    ShowPlan,
    /// Run the plan on a fresh embedded cloud first.
    Rehearse,
    /// Take back the whole deployment.
    Undo,
    /// Take back the selected stage and those after it.
    UndoFrom,
    /// Put the statement into the Query pane.
    EditSql,
    /// Run the task tree now.
    ExecuteTask,
    /// Run what failed in the last run again, and all behind it.
    RetryTask,
    /// Run the tree from the selected task on, where the engine can.
    RunFromHere,
    /// End what runs of the tree.
    CancelTask,
    /// Suspend the tree's root, or resume it.
    ToggleTask,
    /// Suspend the selected task, or resume it.
    ToggleOne,
    /// Move the embedded cloud's clock to the next scheduled run.
    FastForward,
    /// Compare the layers with the files.
    Reconcile,
    /// Another view of what is selected: its chart, or its rows.
    View,
    /// Start typing.
    Edit,
    /// Run the statement under the cursor.
    RunSql,
    /// An earlier statement of the history.
    HistoryBack,
    /// A later statement of the history.
    HistoryNext,
    /// Mark or unmark, fold or unfold.
    Toggle,
    /// Mark everything, or nothing.
    SelectAll,
    /// Start the live feed, or stop it.
    Feed,
    /// Another order.
    Sort,
    /// Show the bucket from a prefix on.
    Jump,
    /// Fetch objects into files.
    Download,
    /// Copy a link that opens the object.
    CopyLink,
    /// Write the answer's rows to a file.
    Export,
    /// All statements that ran.
    History,
    /// Keep the statement under a name.
    SaveQuery,
    /// A statement that was kept under a name.
    OpenSaved,
    /// Go on as another role.
    SwitchRole,
    /// Go on with another profile.
    SwitchProfile,
    /// Ask how the statement would be run.
    Explain,
    /// Say yes.
    Yes,
    /// Say no.
    No,
}

impl Action {
    /// Whether it changes or removes something outside; refused when the console was started read-only.
    #[must_use]
    pub const fn changes(self) -> bool {
        matches!(
            self,
            Self::RunAll
                | Self::Generate
                | Self::GenerateOnly
                | Self::Upload
                | Self::Feed
                | Self::Delete
                | Self::StepNext
                | Self::StepHere
                | Self::StepStage
                | Self::StepAll
                | Self::StepOne
                | Self::SkipStep
                | Self::Rehearse
                | Self::Undo
                | Self::UndoFrom
                | Self::ExecuteTask
                | Self::RetryTask
                | Self::RunFromHere
                | Self::CancelTask
                | Self::ToggleTask
                | Self::ToggleOne
                | Self::FastForward
        )
    }
}
