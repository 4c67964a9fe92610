-- The datamart belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove the customers' ranking. The warehouse can fill it again.
DROP TABLE IF EXISTS CONVEX_DATAMART.MART_CUSTOMER_RFM;

-- Remove the categories by loyalty. The warehouse can fill it again.
DROP TABLE IF EXISTS CONVEX_DATAMART.MART_CATEGORY_LOYALTY;

-- Remove the daily sales. The warehouse can fill it again.
DROP TABLE IF EXISTS CONVEX_DATAMART.MART_DAILY_SALES;

-- Remove the customers' purchases. The warehouse can fill it again.
DROP TABLE IF EXISTS CONVEX_DATAMART.MART_CUSTOMER_PURCHASES;
