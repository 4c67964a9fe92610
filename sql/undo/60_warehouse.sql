-- The warehouse belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove the view of the customers' personal data.
DROP VIEW IF EXISTS CONVEX_WAREHOUSE.CUSTOMER_CONTACT;

-- Remove the purchase lines. The vault can fill it again.
DROP TABLE IF EXISTS CONVEX_WAREHOUSE.FACT_PURCHASE_LINE;

-- Remove the calendar. The vault can fill it again.
DROP TABLE IF EXISTS CONVEX_WAREHOUSE.DIM_DATE;

-- Remove the product dimension. The vault can fill it again.
DROP TABLE IF EXISTS CONVEX_WAREHOUSE.DIM_PRODUCT;

-- Remove the customer dimension. The vault can fill it again.
DROP TABLE IF EXISTS CONVEX_WAREHOUSE.DIM_CUSTOMER;
