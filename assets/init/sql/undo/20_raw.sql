-- The raw layer belongs to the pipeline's role.
USE ROLE BIKE_HIRE_OWNER;

-- Work in the pipeline's database.
USE DATABASE BIKE_HIRE;

-- Remove the bookmark in the rides.
DROP STREAM IF EXISTS RAW.RIDE_STREAM;

-- Remove the raw rides. The files in S3 stay, and loading brings the rows back.
DROP TABLE IF EXISTS RAW.RIDE;

-- Remove the raw bikes.
DROP TABLE IF EXISTS RAW.BIKE;

-- Remove the raw stations.
DROP TABLE IF EXISTS RAW.STATION;

-- Close the window onto the bucket. The files stay.
DROP STAGE IF EXISTS RAW.BUCKET;

-- Forget how to read the rides.
DROP FILE FORMAT IF EXISTS RAW.JSON_LINES;

-- Forget how to read the lists.
DROP FILE FORMAT IF EXISTS RAW.CSV_WITH_HEADER;
