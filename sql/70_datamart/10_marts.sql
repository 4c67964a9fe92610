-- The datamart belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- For data science: how often each customer bought each product, with the customer's loyalty score of today.
CREATE TABLE IF NOT EXISTS CONVEX_DATAMART.MART_CUSTOMER_PURCHASES (
  CUSTOMER_ID VARCHAR NOT NULL,
  LOYALTY_SCORE NUMBER(10, 0),
  PRODUCT_ID VARCHAR NOT NULL,
  PRODUCT_CATEGORY VARCHAR,
  PURCHASE_COUNT NUMBER(38, 0) NOT NULL
)
COMMENT = 'Grain: one customer and one product that he bought';

-- For the business: purchases, items, customers and takings of each day.
CREATE TABLE IF NOT EXISTS CONVEX_DATAMART.MART_DAILY_SALES (
  SALES_DATE DATE NOT NULL,
  WEEKDAY_NAME VARCHAR NOT NULL,
  TRANSACTION_COUNT NUMBER(38, 0) NOT NULL,
  LINE_COUNT NUMBER(38, 0) NOT NULL,
  CUSTOMER_COUNT NUMBER(38, 0) NOT NULL,
  SALES_AMOUNT NUMBER(38, 2) NOT NULL
)
COMMENT = 'Grain: one day on which something was bought';
