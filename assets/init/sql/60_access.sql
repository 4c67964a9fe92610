-- Roles are the administrator's business.
USE ROLE {{ admin_role }};

-- The role of those who read the mart.
CREATE ROLE IF NOT EXISTS BIKE_HIRE_READER
  COMMENT = 'Reads the bike hire mart, nothing else';

-- Administrators can check what a reader sees.
GRANT ROLE BIKE_HIRE_READER TO ROLE SYSADMIN;

-- Readers may use the computing power,
GRANT USAGE ON WAREHOUSE BIKE_HIRE_WH TO ROLE BIKE_HIRE_READER;

-- come in,
GRANT USAGE ON DATABASE BIKE_HIRE TO ROLE BIKE_HIRE_READER;

-- enter the serving layer,
GRANT USAGE ON SCHEMA BIKE_HIRE.SERVE TO ROLE BIKE_HIRE_READER;

-- and read the mart.
GRANT SELECT ON TABLE BIKE_HIRE.SERVE.MART_STATION_USE TO ROLE BIKE_HIRE_READER;
