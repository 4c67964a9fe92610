-- The landing zone belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- How to read the customer and product lists: commas between the fields, the first line names the columns.
CREATE FILE FORMAT IF NOT EXISTS CONVEX_STAGE.CSV_WITH_HEADER
  TYPE = CSV
  SKIP_HEADER = 1
  FIELD_OPTIONALLY_ENCLOSED_BY = '"'
  ESCAPE_UNENCLOSED_FIELD = NONE
  TRIM_SPACE = TRUE
  COMMENT = 'Comma-separated values with a header line';

-- How to read the purchases: one JSON document a line.
CREATE FILE FORMAT IF NOT EXISTS CONVEX_STAGE.JSON_LINES
  TYPE = JSON
  COMMENT = 'One JSON document a line';
