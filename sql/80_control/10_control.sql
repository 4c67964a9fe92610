-- The control room belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- The load's logbook: when the task tree started, and as whom.
CREATE TABLE IF NOT EXISTS CONVEX_CONTROL.LOAD_RUN (
  STARTED_AT TIMESTAMP_LTZ NOT NULL,
  STARTED_BY VARCHAR NOT NULL
)
COMMENT = 'Runs of the task tree';

-- Rows that cannot be right are kept here with file, line and reason. Nothing disappears without a trace.
CREATE TABLE IF NOT EXISTS CONVEX_CONTROL.REJECTED_ROW (
  FILE_NAME VARCHAR NOT NULL,
  FILE_ROW_NUMBER NUMBER(38, 0) NOT NULL,
  REASON VARCHAR NOT NULL,
  PAYLOAD VARCHAR,
  LOADED_AT TIMESTAMP_LTZ NOT NULL
)
COMMENT = 'Rejected rows with their place, reason and content';
