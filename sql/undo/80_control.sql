-- The control room belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove what writes this schema after a run.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.FINISH_RUN(VARCHAR);

-- Remove its step that closes the books of other runs.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.SETTLE_RUNS(VARCHAR);

-- Remove the list of them.
DROP VIEW IF EXISTS CONVEX_CONTROL.UNSETTLED_RUN;

-- Remove its step that closes the book of a run.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.CLOSE_JOB(VARCHAR);

-- Remove its step that counts.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.RECONCILE(VARCHAR);

-- Remove its step that keeps refused rows.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.KEEP_REFUSED_ROWS(VARCHAR);

-- Remove its step that notes files.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.AUDIT_FILES(VARCHAR);

-- Remove its step that notes tasks.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.AUDIT_TASKS(VARCHAR);

-- Remove the story of the runs.
DROP VIEW IF EXISTS CONVEX_CONTROL.RUN_STORY;

-- Remove the list of what happened to files and rows.
DROP VIEW IF EXISTS CONVEX_CONTROL.EXPLANATION;

-- Remove the view of the current basket lines.
DROP VIEW IF EXISTS CONVEX_CONTROL.CURRENT_LINE;

-- Remove the view of the current files.
DROP VIEW IF EXISTS CONVEX_CONTROL.CURRENT_FILE;

-- Remove the ladder.
DROP TABLE IF EXISTS CONVEX_CONTROL.LADDER_RUNG;

-- Remove the list of sources.
DROP TABLE IF EXISTS CONVEX_CONTROL.LOAD_SOURCE;

-- Remove the alerts.
DROP TABLE IF EXISTS CONVEX_CONTROL.ALERT;

-- Remove the findings.
DROP TABLE IF EXISTS CONVEX_CONTROL.FINDING;

-- Remove the counts of the runs.
DROP TABLE IF EXISTS CONVEX_CONTROL.RECONCILIATION;

-- Remove the rejected rows.
DROP TABLE IF EXISTS CONVEX_CONTROL.REJECTED_ROW;

-- Remove the list of loaded files.
DROP TABLE IF EXISTS CONVEX_CONTROL.LOAD_AUDIT;

-- Remove the runs of steps.
DROP TABLE IF EXISTS CONVEX_CONTROL.STEP_RUN;

-- Remove the runs of tasks.
DROP TABLE IF EXISTS CONVEX_CONTROL.TASK_RUN;

-- Remove the load's logbook.
DROP TABLE IF EXISTS CONVEX_CONTROL.JOB_RUN;
