-- Act as the administrator: making roles and giving account-wide rights needs it.
USE ROLE {{ admin_role }};

-- The role that owns the pipeline.
CREATE ROLE IF NOT EXISTS BIKE_HIRE_OWNER
  COMMENT = 'Owns and runs the bike hire pipeline';

-- System administrators can do whatever the pipeline's role can.
GRANT ROLE BIKE_HIRE_OWNER TO ROLE SYSADMIN;

-- What the pipeline may do in the account.
GRANT CREATE DATABASE, CREATE WAREHOUSE, EXECUTE TASK ON ACCOUNT TO ROLE BIKE_HIRE_OWNER;
{% if storage_role_arn %}

-- The door to S3: Snowflake takes on a role in AWS, so no key is written down.
CREATE STORAGE INTEGRATION IF NOT EXISTS BIKE_HIRE_S3
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  STORAGE_AWS_ROLE_ARN = {{ storage_role_arn | quote }}
  ENABLED = TRUE
  STORAGE_ALLOWED_LOCATIONS = ({{ (bucket_url ~ '/bike-hire/') | quote }});

-- The pipeline's role may go through that door.
GRANT USAGE ON INTEGRATION BIKE_HIRE_S3 TO ROLE BIKE_HIRE_OWNER;
{% endif %}

-- From here on everything is made and owned by the pipeline's own role.
USE ROLE BIKE_HIRE_OWNER;

-- The computing power. It falls asleep after a minute without work.
CREATE WAREHOUSE IF NOT EXISTS BIKE_HIRE_WH
  WAREHOUSE_SIZE = 'XSMALL'
  AUTO_SUSPEND = 60
  AUTO_RESUME = TRUE
  INITIALLY_SUSPENDED = TRUE;

-- The database.
CREATE DATABASE IF NOT EXISTS BIKE_HIRE
  COMMENT = 'Rides on hired bikes, from file to mart';

-- The files as they arrived.
CREATE SCHEMA IF NOT EXISTS BIKE_HIRE.RAW;

-- Clean rows and the mart.
CREATE SCHEMA IF NOT EXISTS BIKE_HIRE.SERVE;

-- Tasks and the deployment's logbook.
CREATE SCHEMA IF NOT EXISTS BIKE_HIRE.CONTROL;

-- The deployment's logbook. A deployment reads it first, and runs only what it does not know as done.
CREATE TABLE IF NOT EXISTS BIKE_HIRE.CONTROL.DEPLOYMENT_JOURNAL (
  DEPLOYMENT_ID VARCHAR NOT NULL,
  ENTRY NUMBER(38, 0) NOT NULL,
  STAGE_ID VARCHAR NOT NULL,
  STATEMENT_FILE VARCHAR NOT NULL,
  STATEMENT_LINE NUMBER(38, 0) NOT NULL,
  TITLE VARCHAR NOT NULL,
  OCCURRENCE NUMBER(38, 0) NOT NULL,
  CHECKSUM VARCHAR NOT NULL,
  OUTCOME VARCHAR NOT NULL,
  STARTED_AT TIMESTAMP_LTZ,
  ENDED_AT TIMESTAMP_LTZ,
  MILLISECONDS NUMBER(38, 0),
  QUERY_ID VARCHAR,
  MESSAGE VARCHAR,
  RUN_AT TIMESTAMP_LTZ NOT NULL
);
