-- Making and dropping account objects is the administrator's business.
USE ROLE {{ admin_role }};

-- Remove the database with everything in it. UNDROP DATABASE brings it back for as long as Snowflake retains it.
DROP DATABASE IF EXISTS CONVEX_INSURANCE;

-- Remove the computing power.
DROP WAREHOUSE IF EXISTS CONVEX_WH;

-- Remove the data steward's role.
DROP ROLE IF EXISTS CONVEX_STEWARD;

-- Remove the pipeline's role.
DROP ROLE IF EXISTS CONVEX_ENGINEER;
