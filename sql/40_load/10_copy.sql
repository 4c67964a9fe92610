{# A pipe is the same COPY. Pipes are made in their own stage, and again when they change; COPY is run with each load. #}
{% if (load_by == 'pipe') == (stage == 'pipes') %}
-- Loading is done by the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Bring in the customer list. Snowflake remembers each file, so one that is already in is never loaded twice. A column
-- that the table does not have yet is added to it.
{% if load_by == 'pipe' %}
CREATE OR REPLACE PIPE CONVEX_STAGE.CUSTOMERS_PIPE
  AUTO_INGEST = TRUE
AS
{% elif load_by == 'copy_new' %}
CALL CONVEX_STAGE.COPY_NEW_FILES('CUSTOMERS', $$
{% endif %}
COPY INTO CONVEX_STAGE.RAW_CUSTOMERS
FROM @CONVEX_STAGE.S3_CUSTOMERS
PATTERN = '.*[.]csv'
FILE_FORMAT = (FORMAT_NAME = 'CONVEX_STAGE.CSV_WITH_HEADER')
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
INCLUDE_METADATA = (
  FILE_NAME = METADATA$FILENAME,
  FILE_ROW_NUMBER = METADATA$FILE_ROW_NUMBER,
  FILE_CONTENT_KEY = METADATA$FILE_CONTENT_KEY,
  LOADED_AT = METADATA$START_SCAN_TIME
)
ON_ERROR = CONTINUE
{% if load_by == 'copy_new' %}
$$)
{% endif %}
;

-- Bring in the product list, in the same way.
{% if load_by == 'pipe' %}
CREATE OR REPLACE PIPE CONVEX_STAGE.PRODUCTS_PIPE
  AUTO_INGEST = TRUE
AS
{% elif load_by == 'copy_new' %}
CALL CONVEX_STAGE.COPY_NEW_FILES('PRODUCTS', $$
{% endif %}
COPY INTO CONVEX_STAGE.RAW_PRODUCTS
FROM @CONVEX_STAGE.S3_PRODUCTS
PATTERN = '.*[.]csv'
FILE_FORMAT = (FORMAT_NAME = 'CONVEX_STAGE.CSV_WITH_HEADER')
MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
INCLUDE_METADATA = (
  FILE_NAME = METADATA$FILENAME,
  FILE_ROW_NUMBER = METADATA$FILE_ROW_NUMBER,
  FILE_CONTENT_KEY = METADATA$FILE_CONTENT_KEY,
  LOADED_AT = METADATA$START_SCAN_TIME
)
ON_ERROR = CONTINUE
{% if load_by == 'copy_new' %}
$$)
{% endif %}
;

-- Bring in the purchases, all new days at once, each document whole. A line that is not JSON is kept as text.
{% if load_by == 'pipe' %}
CREATE OR REPLACE PIPE CONVEX_STAGE.TRANSACTIONS_PIPE
  AUTO_INGEST = TRUE
AS
{% elif load_by == 'copy_new' %}
CALL CONVEX_STAGE.COPY_NEW_FILES('TRANSACTIONS', $$
{% endif %}
COPY INTO CONVEX_STAGE.RAW_TRANSACTIONS
  (RECORD, LINE_TEXT, FILE_NAME, FILE_ROW_NUMBER, FILE_CONTENT_KEY, LOADED_AT)
FROM (
  SELECT
    CASE WHEN CHECK_JSON($1) IS NULL THEN PARSE_JSON($1) END,
    CASE WHEN CHECK_JSON($1) IS NOT NULL THEN $1 END,
    METADATA$FILENAME,
    METADATA$FILE_ROW_NUMBER,
    METADATA$FILE_CONTENT_KEY,
    METADATA$START_SCAN_TIME
  FROM @CONVEX_STAGE.S3_TRANSACTIONS
)
PATTERN = '.*[.]json'
FILE_FORMAT = (FORMAT_NAME = 'CONVEX_STAGE.JSON_LINES')
ON_ERROR = CONTINUE
{% if load_by == 'copy_new' %}
$$)
{% endif %}
;
{% endif %}
