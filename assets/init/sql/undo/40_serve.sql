-- The serving layer belongs to the pipeline's role.
USE ROLE BIKE_HIRE_OWNER;

-- Work in the pipeline's database.
USE DATABASE BIKE_HIRE;

-- Remove the mart.
DROP TABLE IF EXISTS SERVE.MART_STATION_USE;

-- Remove the clean rides.
DROP TABLE IF EXISTS SERVE.RIDE;
