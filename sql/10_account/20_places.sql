-- From here on everything is made and owned by the pipeline's own role.
USE ROLE CONVEX_ENGINEER;

-- The computing power. It falls asleep after a minute without work; an idle pipeline costs no more than its alerts' looks.
CREATE WAREHOUSE IF NOT EXISTS CONVEX_WH
  WAREHOUSE_SIZE = {{ warehouse_size | quote }}
  AUTO_SUSPEND = 60
  AUTO_RESUME = TRUE
  INITIALLY_SUSPENDED = TRUE
  COMMENT = 'Loads and serves Convex Insurance';

-- The database that holds all that Convex Insurance knows.
CREATE DATABASE IF NOT EXISTS CONVEX_INSURANCE
  COMMENT = 'Purchases of Convex Insurance customers, from file to datamart';

-- First room: the files as they arrived, nothing changed, nothing thrown away.
CREATE SCHEMA IF NOT EXISTS CONVEX_INSURANCE.CONVEX_STAGE
  COMMENT = 'File formats, external stages, raw tables, streams';

-- Second room: the memory. Every version of every fact is kept and never overwritten.
CREATE SCHEMA IF NOT EXISTS CONVEX_INSURANCE.CONVEX_VAULT
  COMMENT = 'Data Vault 2.0: hubs, links and satellites, insert-only';

-- Third room: the same facts arranged for questions, as dimensions and a fact table.
CREATE SCHEMA IF NOT EXISTS CONVEX_INSURANCE.CONVEX_WAREHOUSE
  COMMENT = 'Information vault: dimensions with history, purchase lines';

-- Fourth room: ready answers. This is the only room that data scientists may enter.
CREATE SCHEMA IF NOT EXISTS CONVEX_INSURANCE.CONVEX_DATAMART
  COMMENT = 'Aggregates for data science';

-- The engine room: what runs when, what was deployed, what was rejected and why.
CREATE SCHEMA IF NOT EXISTS CONVEX_INSURANCE.CONVEX_CONTROL
  COMMENT = 'Tasks, deployment journal, load runs, rejected rows';

-- The deployment's logbook: each statement that was begun, with the checksum of its text, and how it ended. A deployment
-- reads it first, and runs only what it does not know as done.
CREATE TABLE IF NOT EXISTS CONVEX_INSURANCE.CONVEX_CONTROL.DEPLOYMENT_JOURNAL (
  DEPLOYMENT_ID VARCHAR NOT NULL,
  ENTRY NUMBER(38, 0) NOT NULL,
  STAGE_ID VARCHAR NOT NULL,
  STATEMENT_FILE VARCHAR NOT NULL,
  STATEMENT_LINE NUMBER(38, 0) NOT NULL,
  TITLE VARCHAR NOT NULL,
  OCCURRENCE NUMBER(38, 0) NOT NULL COMMENT 'Which of that title in that file',
  CHECKSUM VARCHAR NOT NULL,
  OUTCOME VARCHAR NOT NULL COMMENT 'BEGUN, DONE, FAILED, SKIPPED; UNDONE of a whole stage',
  STARTED_AT TIMESTAMP_LTZ,
  ENDED_AT TIMESTAMP_LTZ,
  MILLISECONDS NUMBER(38, 0),
  QUERY_ID VARCHAR,
  MESSAGE VARCHAR COMMENT 'The answer, the refusal, or why it was skipped',
  RUN_AT TIMESTAMP_LTZ NOT NULL
)
COMMENT = 'Every deployed statement and its outcome';
