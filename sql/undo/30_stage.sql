-- These objects belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove the view of the current customers.
DROP VIEW IF EXISTS CONVEX_STAGE.CURRENT_CUSTOMERS;

-- Remove the view of the current products.
DROP VIEW IF EXISTS CONVEX_STAGE.CURRENT_PRODUCTS;

-- Remove the view of the current purchases.
DROP VIEW IF EXISTS CONVEX_STAGE.CURRENT_TRANSACTIONS;

-- Remove the view of the latest deliveries.
DROP VIEW IF EXISTS CONVEX_STAGE.LATEST_DELIVERY;

-- Remove the bookmark in the customer rows.
DROP STREAM IF EXISTS CONVEX_STAGE.RAW_CUSTOMERS_STREAM;

-- Remove the bookmark in the product rows.
DROP STREAM IF EXISTS CONVEX_STAGE.RAW_PRODUCTS_STREAM;

-- Remove the bookmark in the purchases.
DROP STREAM IF EXISTS CONVEX_STAGE.RAW_TRANSACTIONS_STREAM;

-- Remove the bookmark for new purchases.
DROP STREAM IF EXISTS CONVEX_STAGE.LINES_FOR_TRANSACTION_STREAM;

-- Remove the bookmark for new customers.
DROP STREAM IF EXISTS CONVEX_STAGE.LINES_FOR_CUSTOMER_STREAM;

-- Remove the bookmark for new products.
DROP STREAM IF EXISTS CONVEX_STAGE.LINES_FOR_PRODUCT_STREAM;

-- Remove the bookmark for lines taken back.
DROP STREAM IF EXISTS CONVEX_STAGE.LINES_FOR_DELIVERY_STREAM;

-- Remove the bookmark for deliveries.
DROP STREAM IF EXISTS CONVEX_STAGE.DELIVERY_STREAM;

-- Remove the rule of hashed parts.
DROP FUNCTION IF EXISTS CONVEX_STAGE.HASH_PART(VARCHAR);

-- Remove the rule of files' names.
DROP FUNCTION IF EXISTS CONVEX_STAGE.FILE_KEY(VARCHAR, VARCHAR);

-- Remove the rule of clean keys.
DROP FUNCTION IF EXISTS CONVEX_STAGE.CLEAN_KEY(VARCHAR);

-- Remove the unfolded purchases. The files in S3 stay, and loading brings the rows back.
DROP TABLE IF EXISTS CONVEX_STAGE.STG_TRANSACTION_LINE;

-- Remove the raw purchases. The files in S3 stay, and loading brings the rows back.
DROP TABLE IF EXISTS CONVEX_STAGE.RAW_TRANSACTIONS;

-- Remove the raw products. The files in S3 stay, and loading brings the rows back.
DROP TABLE IF EXISTS CONVEX_STAGE.RAW_PRODUCTS;

-- Remove the raw customers. The files in S3 stay, and loading brings the rows back.
DROP TABLE IF EXISTS CONVEX_STAGE.RAW_CUSTOMERS;

-- Forget that pipes have loaded into them.
DROP TABLE IF EXISTS CONVEX_STAGE.PIPE_LOAD;

-- Forget the deliveries.
DROP TABLE IF EXISTS CONVEX_STAGE.DELIVERY;
