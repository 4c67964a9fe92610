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

-- Remove what waits for pipes.
DROP PROCEDURE IF EXISTS CONVEX_STAGE.AWAIT_PIPES();
