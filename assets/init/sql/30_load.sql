-- Loading is done by the pipeline's role.
USE ROLE BIKE_HIRE_OWNER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE BIKE_HIRE_WH;

-- Work in the pipeline's database.
USE DATABASE BIKE_HIRE;

-- Bring in the stations. Snowflake remembers each file, so one that is already in is never loaded twice.
COPY INTO RAW.STATION (STATION_ID, NAME, DOCKS, FILE_NAME)
FROM (SELECT $1, $2, $3, METADATA$FILENAME FROM @RAW.BUCKET/stations/)
PATTERN = '.*[.]csv'
FILE_FORMAT = (FORMAT_NAME = 'RAW.CSV_WITH_HEADER');

-- Bring in the bikes.
COPY INTO RAW.BIKE (BIKE_ID, MODEL, FILE_NAME)
FROM (SELECT $1, $2, METADATA$FILENAME FROM @RAW.BUCKET/bikes/)
PATTERN = '.*[.]csv'
FILE_FORMAT = (FORMAT_NAME = 'RAW.CSV_WITH_HEADER');

-- Bring in the rides.
COPY INTO RAW.RIDE (RECORD, FILE_NAME, FILE_ROW_NUMBER)
FROM (SELECT $1, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER FROM @RAW.BUCKET/rides/)
PATTERN = '.*[.]json'
FILE_FORMAT = (FORMAT_NAME = 'RAW.JSON_LINES');
