-- The alerts belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Stop looking for runs without an end.
DROP ALERT IF EXISTS CONVEX_CONTROL.UNSETTLED_RUNS;

-- Stop watching for failed tasks.
DROP ALERT IF EXISTS CONVEX_CONTROL.FAILED_TASK;

-- Stop watching for missing days.
DROP ALERT IF EXISTS CONVEX_CONTROL.MISSING_DAY;

-- Stop watching for unusual counts.
DROP ALERT IF EXISTS CONVEX_CONTROL.COUNT_OUT_OF_BAND;

-- Stop watching for rejected rows.
DROP ALERT IF EXISTS CONVEX_CONTROL.REJECTED_SHARE;

-- Remove what raises alerts.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.RAISE_ALERTS(VARCHAR);

-- Remove the view of what is to be told.
DROP VIEW IF EXISTS CONVEX_CONTROL.DUE_ALERT;

-- Remove the view of causes.
DROP VIEW IF EXISTS CONVEX_CONTROL.ALERT_CAUSE;
