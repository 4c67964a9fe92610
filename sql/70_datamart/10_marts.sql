-- The datamart belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- For data science: how often each customer bought each product, with the customer's loyalty score of today.
CREATE TABLE IF NOT EXISTS CONVEX_DATAMART.MART_CUSTOMER_PURCHASES (
  CUSTOMER_ID VARCHAR NOT NULL COMMENT 'Customer',
  LOYALTY_SCORE NUMBER(10, 0) COMMENT 'Loyalty score of today; empty for a customer who is on no list',
  PRODUCT_ID VARCHAR NOT NULL COMMENT 'Product',
  PRODUCT_CATEGORY VARCHAR COMMENT 'Category of today; empty for a product that is on no list',
  PURCHASE_COUNT NUMBER(38, 0) NOT NULL COMMENT 'Items of this product that the customer bought'
)
COMMENT = 'Grain: one customer and one product that he bought. Owner: Data science. Freshness: after each load';

-- For the business: purchases, items, customers and takings of each day.
CREATE TABLE IF NOT EXISTS CONVEX_DATAMART.MART_DAILY_SALES (
  SALES_DATE DATE NOT NULL COMMENT 'Day of the purchases',
  WEEKDAY_NAME VARCHAR NOT NULL COMMENT 'Mon to Sun',
  TRANSACTION_COUNT NUMBER(38, 0) NOT NULL COMMENT 'Purchases',
  LINE_COUNT NUMBER(38, 0) NOT NULL COMMENT 'Items',
  CUSTOMER_COUNT NUMBER(38, 0) NOT NULL COMMENT 'Customers who bought something',
  SALES_AMOUNT NUMBER(38, 2) NOT NULL COMMENT 'Takings'
)
COMMENT = 'Grain: one day on which something was bought. Owner: Sales. Freshness: after each load';

-- For marketing: what customers of each loyalty score buy.
CREATE TABLE IF NOT EXISTS CONVEX_DATAMART.MART_CATEGORY_LOYALTY (
  PRODUCT_CATEGORY VARCHAR COMMENT 'Category; empty for products that are on no list',
  LOYALTY_SCORE NUMBER(10, 0) COMMENT 'Loyalty score of today; empty for a customer who is on no list',
  CUSTOMER_COUNT NUMBER(38, 0) NOT NULL COMMENT 'Customers of this score who bought in this category',
  TRANSACTION_COUNT NUMBER(38, 0) NOT NULL COMMENT 'Their purchases with an item of this category',
  LINE_COUNT NUMBER(38, 0) NOT NULL COMMENT 'Items',
  SALES_AMOUNT NUMBER(38, 2) NOT NULL COMMENT 'Takings',
  AVERAGE_PRICE NUMBER(38, 2) NOT NULL COMMENT 'Takings for each item'
)
COMMENT = 'Grain: one product category and one loyalty score. Owner: Marketing. Freshness: after each load';

-- For marketing and data science: who bought lately, often and for much, as scores from 1 to 5.
CREATE TABLE IF NOT EXISTS CONVEX_DATAMART.MART_CUSTOMER_RFM (
  CUSTOMER_ID VARCHAR NOT NULL COMMENT 'Customer',
  LOYALTY_SCORE NUMBER(10, 0) COMMENT 'Loyalty score of today; empty for a customer who is on no list',
  FIRST_PURCHASE_DATE DATE NOT NULL COMMENT 'Day of the first purchase',
  LAST_PURCHASE_DATE DATE NOT NULL COMMENT 'Day of the last purchase',
  RECENCY_DAYS NUMBER(38, 0) NOT NULL COMMENT 'Days from the last purchase to the last day on which anyone bought',
  FREQUENCY NUMBER(38, 0) NOT NULL COMMENT 'Purchases',
  MONETARY NUMBER(38, 2) NOT NULL COMMENT 'Takings',
  RECENCY_SCORE NUMBER(1, 0) NOT NULL COMMENT 'Fifth by recency: 5 bought last',
  FREQUENCY_SCORE NUMBER(1, 0) NOT NULL COMMENT 'Fifth by frequency: 5 buys most often',
  MONETARY_SCORE NUMBER(1, 0) NOT NULL COMMENT 'Fifth by takings: 5 pays most'
)
COMMENT = 'Grain: one customer who bought something. Owner: Marketing. Freshness: after each load';
