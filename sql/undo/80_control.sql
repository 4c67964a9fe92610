-- The control room belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove the rejected rows.
DROP TABLE IF EXISTS CONVEX_CONTROL.REJECTED_ROW;

-- Remove the load's logbook.
DROP TABLE IF EXISTS CONVEX_CONTROL.LOAD_RUN;
