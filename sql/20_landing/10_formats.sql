-- The landing zone belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- How to read the customer and product lists: commas between the fields, the first line names the columns. Columns are
-- found by these names, so their order does not matter and a new one does no harm.
CREATE OR REPLACE FILE FORMAT CONVEX_STAGE.CSV_WITH_HEADER
  TYPE = CSV
  PARSE_HEADER = TRUE
  FIELD_OPTIONALLY_ENCLOSED_BY = '"'
  ESCAPE_UNENCLOSED_FIELD = NONE
  TRIM_SPACE = TRUE
  SKIP_BLANK_LINES = TRUE
  ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE
  REPLACE_INVALID_CHARACTERS = TRUE
  COMMENT = 'Comma-separated values with a header line';

-- How to read the purchases: one JSON document a line. Each line is read as text first, so that a line which turns out
-- not to be JSON can be shown instead of being lost.
CREATE OR REPLACE FILE FORMAT CONVEX_STAGE.JSON_LINES
  TYPE = CSV
  FIELD_DELIMITER = NONE
  ESCAPE_UNENCLOSED_FIELD = NONE
  NULL_IF = ()
  SKIP_BLANK_LINES = TRUE
  REPLACE_INVALID_CHARACTERS = TRUE
  COMMENT = 'One JSON document a line';
