-- These views belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- What the customer files in S3 hold now: of a file that was sent several times, only the latest delivery.
CREATE OR REPLACE VIEW CONVEX_STAGE.CURRENT_CUSTOMERS
COMMENT = 'Customer rows of each file''s latest delivery'
AS
SELECT
  CUSTOMER_ID,
  LOYALTY_SCORE,
  FILE_NAME,
  FILE_ROW_NUMBER
FROM CONVEX_STAGE.RAW_CUSTOMERS
QUALIFY LOADED_AT = MAX(LOADED_AT) OVER (PARTITION BY FILE_NAME);

-- What the product files in S3 hold now.
CREATE OR REPLACE VIEW CONVEX_STAGE.CURRENT_PRODUCTS
COMMENT = 'Product rows of each file''s latest delivery'
AS
SELECT
  PRODUCT_ID,
  PRODUCT_DESCRIPTION,
  PRODUCT_CATEGORY,
  FILE_NAME,
  FILE_ROW_NUMBER
FROM CONVEX_STAGE.RAW_PRODUCTS
QUALIFY LOADED_AT = MAX(LOADED_AT) OVER (PARTITION BY FILE_NAME);

-- What the purchase files in S3 hold now. RECORD is missing where a line is not JSON.
CREATE OR REPLACE VIEW CONVEX_STAGE.CURRENT_TRANSACTIONS
COMMENT = 'Purchases of each file''s latest delivery'
AS
SELECT
  RECORD,
  LINE_TEXT,
  FILE_NAME,
  FILE_ROW_NUMBER
FROM CONVEX_STAGE.RAW_TRANSACTIONS
QUALIFY LOADED_AT = MAX(LOADED_AT) OVER (PARTITION BY FILE_NAME);
