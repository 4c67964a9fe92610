-- Tasks belong to the pipeline's role.
USE ROLE BIKE_HIRE_OWNER;

-- Work in the pipeline's database.
USE DATABASE BIKE_HIRE;

-- Stop the clock.
ALTER TASK IF EXISTS CONTROL.CLEAN_RIDES SUSPEND;

-- Remove the mart's task.
DROP TASK IF EXISTS CONTROL.MART_STATION_USE;

-- Remove the root.
DROP TASK IF EXISTS CONTROL.CLEAN_RIDES;
