-- The pipes belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove the pipe for customers. What it has loaded stays.
DROP PIPE IF EXISTS CONVEX_STAGE.CUSTOMERS_PIPE;

-- Remove the pipe for products. What it has loaded stays.
DROP PIPE IF EXISTS CONVEX_STAGE.PRODUCTS_PIPE;

-- Remove the pipe for transactions. What it has loaded stays.
DROP PIPE IF EXISTS CONVEX_STAGE.TRANSACTIONS_PIPE;

-- Remove what sends files to pipes.
DROP PROCEDURE IF EXISTS CONVEX_STAGE.SEND_TO_PIPES();

-- Remove what names files to COPY.
DROP PROCEDURE IF EXISTS CONVEX_STAGE.COPY_NEW_FILES(VARCHAR, VARCHAR);

-- Remove what keeps COPY from loading what pipes have loaded.
DROP PROCEDURE IF EXISTS CONVEX_STAGE.REFUSE_PIPED();

-- Remove what waits for pipes.
DROP PROCEDURE IF EXISTS CONVEX_STAGE.AWAIT_PIPES();

-- Remove what looks into the bucket.
DROP PROCEDURE IF EXISTS CONVEX_STAGE.LIST_FILES();

-- Remove the last look.
DROP TABLE IF EXISTS CONVEX_STAGE.LISTED_FILE;
