-- The warehouse belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's computing power.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Dimensions keep history (SCD2): one row a version, from VALID_FROM up to but not including VALID_TO, without gaps.
-- The first version is valid from 1900, so that every purchase finds one. CUSTOMER_KEY and PRODUCT_KEY are durable:
-- facts carry them, and a question picks today's version (IS_CURRENT) or the one of a moment. The key of zeros is
-- UNKNOWN.

-- Customers as questions see them: each version with the time for which it was true.
CREATE TABLE IF NOT EXISTS CONVEX_WAREHOUSE.DIM_CUSTOMER (
  CUSTOMER_KEY BINARY(20) NOT NULL,
  CUSTOMER_ID VARCHAR NOT NULL,
  LOYALTY_SCORE NUMBER(10, 0),
  VALID_FROM TIMESTAMP_LTZ NOT NULL,
  VALID_TO TIMESTAMP_LTZ NOT NULL,
  IS_CURRENT BOOLEAN NOT NULL,
  CONSTRAINT PK_DIM_CUSTOMER PRIMARY KEY (CUSTOMER_KEY, VALID_FROM)
)
COMMENT = 'Customers with history; grain: one version of a customer';

-- Products as questions see them, with their history.
CREATE TABLE IF NOT EXISTS CONVEX_WAREHOUSE.DIM_PRODUCT (
  PRODUCT_KEY BINARY(20) NOT NULL,
  PRODUCT_ID VARCHAR NOT NULL,
  PRODUCT_DESCRIPTION VARCHAR,
  PRODUCT_CATEGORY VARCHAR,
  BRAND VARCHAR,
  UNIT VARCHAR,
  LIST_PRICE NUMBER(12, 2),
  VALID_FROM TIMESTAMP_LTZ NOT NULL,
  VALID_TO TIMESTAMP_LTZ NOT NULL,
  IS_CURRENT BOOLEAN NOT NULL,
  CONSTRAINT PK_DIM_PRODUCT PRIMARY KEY (PRODUCT_KEY, VALID_FROM)
)
COMMENT = 'Products with history; grain: one version of a product';

-- The calendar: every day of every year in which anything was bought.
CREATE TABLE IF NOT EXISTS CONVEX_WAREHOUSE.DIM_DATE (
  DATE_KEY DATE NOT NULL,
  YEAR_NO NUMBER(4, 0) NOT NULL,
  QUARTER_NO NUMBER(1, 0) NOT NULL,
  MONTH_NO NUMBER(2, 0) NOT NULL,
  DAY_NO NUMBER(2, 0) NOT NULL,
  WEEKDAY_NO NUMBER(1, 0) NOT NULL,
  WEEKDAY_NAME VARCHAR NOT NULL,
  IS_WEEKEND BOOLEAN NOT NULL,
  CONSTRAINT PK_DIM_DATE PRIMARY KEY (DATE_KEY)
)
COMMENT = 'Calendar; grain: one day; weeks start on Monday (1)';
