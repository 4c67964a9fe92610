-- The landing zone belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Close the window onto the customer lists. The files in S3 stay.
DROP STAGE IF EXISTS CONVEX_STAGE.S3_CUSTOMERS;

-- Close the window onto the product lists.
DROP STAGE IF EXISTS CONVEX_STAGE.S3_PRODUCTS;

-- Close the window onto the purchases.
DROP STAGE IF EXISTS CONVEX_STAGE.S3_TRANSACTIONS;

-- Forget how to read the lists.
DROP FILE FORMAT IF EXISTS CONVEX_STAGE.CSV_WITH_HEADER;

-- Forget how to read the purchases.
DROP FILE FORMAT IF EXISTS CONVEX_STAGE.JSON_LINES;
{% if storage_role_arn %}

-- The door to S3 is an account-wide object.
USE ROLE {{ admin_role }};

-- Close the door to S3.
DROP INTEGRATION IF EXISTS CONVEX_S3;
{% endif %}
