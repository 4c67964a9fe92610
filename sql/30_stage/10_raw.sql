-- The raw tables belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- FILE_NAME and FILE_ROW_NUMBER say where a row comes from, FILE_CONTENT_KEY (the object's ETag) which delivery of
-- that file it was, LOADED_AT when it landed. A file that is sent again adds rows here and takes none away. All values
-- are kept as text: judging them is the next room's business, so nothing is turned away at the door.

-- Where the customer list lands. A column that a later file brings is added by the load itself.
CREATE TABLE IF NOT EXISTS CONVEX_STAGE.RAW_CUSTOMERS (
  CUSTOMER_ID VARCHAR,
  LOYALTY_SCORE VARCHAR,
  NAME VARCHAR,
  EMAIL VARCHAR,
  BIRTH_DATE VARCHAR,
  CITY VARCHAR,
  JOINED_ON VARCHAR,
  FILE_NAME VARCHAR NOT NULL,
  FILE_ROW_NUMBER NUMBER(38, 0) NOT NULL,
  FILE_CONTENT_KEY VARCHAR,
  LOADED_AT TIMESTAMP_LTZ NOT NULL
)
ENABLE_SCHEMA_EVOLUTION = TRUE
COMMENT = 'Customer lists as delivered';

-- Where the product list lands.
CREATE TABLE IF NOT EXISTS CONVEX_STAGE.RAW_PRODUCTS (
  PRODUCT_ID VARCHAR,
  PRODUCT_DESCRIPTION VARCHAR,
  PRODUCT_CATEGORY VARCHAR,
  BRAND VARCHAR,
  UNIT VARCHAR,
  LIST_PRICE VARCHAR,
  FILE_NAME VARCHAR NOT NULL,
  FILE_ROW_NUMBER NUMBER(38, 0) NOT NULL,
  FILE_CONTENT_KEY VARCHAR,
  LOADED_AT TIMESTAMP_LTZ NOT NULL
)
ENABLE_SCHEMA_EVOLUTION = TRUE
COMMENT = 'Product lists as delivered';

-- Where purchases land: each document whole, exactly as the shop wrote it. LINE_TEXT holds a line that is not JSON.
CREATE TABLE IF NOT EXISTS CONVEX_STAGE.RAW_TRANSACTIONS (
  RECORD VARIANT,
  LINE_TEXT VARCHAR,
  FILE_NAME VARCHAR NOT NULL,
  FILE_ROW_NUMBER NUMBER(38, 0) NOT NULL,
  FILE_CONTENT_KEY VARCHAR,
  LOADED_AT TIMESTAMP_LTZ NOT NULL
)
COMMENT = 'Purchases as delivered, one JSON document a row';

-- Since when pipes have loaded into these tables; empty where none ever has. COPY would load again what they have loaded.
CREATE TABLE IF NOT EXISTS CONVEX_STAGE.PIPE_LOAD (
  SINCE TIMESTAMP_LTZ NOT NULL
)
COMMENT = 'Whether pipes have loaded into the raw tables';

-- Each delivery of each file of purchases, and of each file that brought no row: a file that has become empty takes its rows
-- back, and no row of it would tell.
CREATE TABLE IF NOT EXISTS CONVEX_STAGE.DELIVERY (
  FILE_NAME VARCHAR NOT NULL,
  FILE_CONTENT_KEY VARCHAR,
  LOADED_AT TIMESTAMP_LTZ NOT NULL
)
COMMENT = 'Deliveries; grain: one delivery of one file';

-- How a file of a load's history is named like its rows name it: by its place in the bucket. The history may give the name
-- below the stage's folder, below the bucket, or with both.
CREATE OR REPLACE FUNCTION CONVEX_STAGE.FILE_KEY(STAGE_PLACE VARCHAR, FILE_TEXT VARCHAR)
RETURNS VARCHAR
COMMENT = 'A file''s place in the bucket, from COPY_HISTORY''s STAGE_LOCATION and FILE_NAME'
AS
$$
  CASE
    WHEN STARTSWITH(
      REGEXP_REPLACE(FILE_TEXT, '^[^:/]+://[^/]+/', ''), REGEXP_REPLACE(STAGE_PLACE, '^[^:/]+://[^/]+/', '')
    )
      THEN REGEXP_REPLACE(FILE_TEXT, '^[^:/]+://[^/]+/', '')
    ELSE REGEXP_REPLACE(STAGE_PLACE, '^[^:/]+://[^/]+/', '') || FILE_TEXT
  END
$$;

-- How a business key is cleaned before it is hashed: blanks around it and the case of its letters do not matter.
CREATE OR REPLACE FUNCTION CONVEX_STAGE.CLEAN_KEY(KEY_TEXT VARCHAR)
RETURNS VARCHAR
COMMENT = 'A business key in upper case without blanks around it; NULL for an empty one'
AS
$$
  NULLIF(UPPER(TRIM(KEY_TEXT)), '')
$$;

-- How a missing value is written in what is hashed, so that "nothing" and "empty" differ and parts cannot run together.
CREATE OR REPLACE FUNCTION CONVEX_STAGE.HASH_PART(PART_TEXT VARCHAR)
RETURNS VARCHAR
COMMENT = 'A part of a hashed text: the value, or ^^ for a missing one'
AS
$$
  COALESCE(PART_TEXT, '^^')
$$;

-- Purchases unfolded: one row for every item in a basket, with the keys that the vault will know it by.
CREATE TABLE IF NOT EXISTS CONVEX_STAGE.STG_TRANSACTION_LINE (
  HK_TRANSACTION_LINE BINARY(20) NOT NULL,
  HK_TRANSACTION BINARY(20) NOT NULL,
  HK_TRANSACTION_CUSTOMER BINARY(20) NOT NULL,
  HK_CUSTOMER BINARY(20) NOT NULL,
  HK_PRODUCT BINARY(20) NOT NULL,
  CUSTOMER_ID VARCHAR NOT NULL,
  PURCHASED_AT TIMESTAMP_NTZ NOT NULL,
  PURCHASE_NO NUMBER(38, 0) NOT NULL,
  BASKET_LINES NUMBER(38, 0) NOT NULL,
  LINE_NO NUMBER(38, 0) NOT NULL,
  PRODUCT_ID VARCHAR NOT NULL,
  PRICE NUMBER(12, 2) NOT NULL,
  HASHDIFF_TRANSACTION BINARY(20) NOT NULL,
  HASHDIFF_LINE BINARY(20) NOT NULL,
  FILE_NAME VARCHAR NOT NULL,
  FILE_ROW_NUMBER NUMBER(38, 0) NOT NULL,
  FILE_CONTENT_KEY VARCHAR,
  LOAD_DTS TIMESTAMP_LTZ NOT NULL
)
COMMENT = 'Basket lines with their hash keys, ready for the vault';
