-- The vault belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove the view of the latest basket lines.
DROP VIEW IF EXISTS CONVEX_VAULT.LATEST_TRANSACTION_LINE;

-- Remove the history of deliveries.
DROP TABLE IF EXISTS CONVEX_VAULT.EFFSAT_TRANSACTION_LINE;

-- Remove the history of prices.
DROP TABLE IF EXISTS CONVEX_VAULT.SAT_TRANSACTION_LINE;

-- Remove the basket lines.
DROP TABLE IF EXISTS CONVEX_VAULT.LINK_TRANSACTION_LINE;

-- Remove the purchases' customers.
DROP TABLE IF EXISTS CONVEX_VAULT.LINK_TRANSACTION_CUSTOMER;

-- Remove the history of purchases.
DROP TABLE IF EXISTS CONVEX_VAULT.SAT_TRANSACTION;

-- Remove the purchases.
DROP TABLE IF EXISTS CONVEX_VAULT.HUB_TRANSACTION;

-- Remove the products' points in time.
DROP TABLE IF EXISTS CONVEX_VAULT.PIT_PRODUCT;

-- Remove the history of the products' offers.
DROP TABLE IF EXISTS CONVEX_VAULT.SAT_PRODUCT_OFFER;

-- Remove the history of products.
DROP TABLE IF EXISTS CONVEX_VAULT.SAT_PRODUCT;

-- Remove the products.
DROP TABLE IF EXISTS CONVEX_VAULT.HUB_PRODUCT;

-- Remove the customers' points in time.
DROP TABLE IF EXISTS CONVEX_VAULT.PIT_CUSTOMER;

-- Remove the history of the customers' personal data.
DROP TABLE IF EXISTS CONVEX_VAULT.SAT_CUSTOMER_PII;

-- Remove the history of customers.
DROP TABLE IF EXISTS CONVEX_VAULT.SAT_CUSTOMER;

-- Remove the customers.
DROP TABLE IF EXISTS CONVEX_VAULT.HUB_CUSTOMER;

-- Remove the moment after all moments.
DROP FUNCTION IF EXISTS CONVEX_VAULT.END_DTS();

-- Remove the moment before all moments.
DROP FUNCTION IF EXISTS CONVEX_VAULT.GHOST_DTS();

-- Remove the key of the ghost records.
DROP FUNCTION IF EXISTS CONVEX_VAULT.GHOST_KEY();
