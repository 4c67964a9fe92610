-- The raw layer belongs to the pipeline's role.
USE ROLE BIKE_HIRE_OWNER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE BIKE_HIRE_WH;

-- Work in the pipeline's database.
USE DATABASE BIKE_HIRE;

-- How to read the lists: commas between the fields, the first line names the columns.
CREATE FILE FORMAT IF NOT EXISTS RAW.CSV_WITH_HEADER
  TYPE = CSV
  SKIP_HEADER = 1
  FIELD_OPTIONALLY_ENCLOSED_BY = '"'
  TRIM_SPACE = TRUE;

-- How to read the rides: one JSON document a line.
CREATE FILE FORMAT IF NOT EXISTS RAW.JSON_LINES
  TYPE = JSON;

-- A window onto the bucket.
CREATE OR REPLACE STAGE RAW.BUCKET
  URL = {{ (bucket_url ~ '/bike-hire/') | quote }}
{% if storage_role_arn %}
  STORAGE_INTEGRATION = BIKE_HIRE_S3
{% else %}
  CREDENTIALS = (
    AWS_KEY_ID = {{ aws_key_id | quote }}
    AWS_SECRET_KEY = {{ aws_secret_key | quote }}
  )
{% endif %}
;

-- Stations as they arrived.
CREATE TABLE IF NOT EXISTS RAW.STATION (
  STATION_ID VARCHAR,
  NAME VARCHAR,
  DOCKS NUMBER(10, 0),
  FILE_NAME VARCHAR NOT NULL
);

-- Bikes as they arrived.
CREATE TABLE IF NOT EXISTS RAW.BIKE (
  BIKE_ID VARCHAR,
  MODEL VARCHAR,
  FILE_NAME VARCHAR NOT NULL
);

-- Rides as they arrived, each document whole.
CREATE TABLE IF NOT EXISTS RAW.RIDE (
  RECORD VARIANT,
  FILE_NAME VARCHAR NOT NULL,
  FILE_ROW_NUMBER NUMBER(38, 0) NOT NULL
);

-- Remembers which rides have been read.
CREATE STREAM IF NOT EXISTS RAW.RIDE_STREAM ON TABLE RAW.RIDE
  APPEND_ONLY = TRUE;
