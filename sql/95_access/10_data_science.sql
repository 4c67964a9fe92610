-- Roles and users are the administrator's business.
USE ROLE {{ admin_role }};

-- The role of the data scientists.
CREATE ROLE IF NOT EXISTS CONVEX_DATA_SCIENTIST
  COMMENT = 'Reads the Convex Insurance datamart, nothing else';

-- A user of their own, who holds this role and no other.
CREATE USER IF NOT EXISTS {{ ds_user }}
  PASSWORD = {{ ds_password | quote }}
  DEFAULT_ROLE = CONVEX_DATA_SCIENTIST
  DEFAULT_WAREHOUSE = CONVEX_WH
  DEFAULT_NAMESPACE = 'CONVEX_INSURANCE.CONVEX_DATAMART'
  MUST_CHANGE_PASSWORD = FALSE
  COMMENT = 'Data science on Convex Insurance';

-- That user becomes a data scientist.
GRANT ROLE CONVEX_DATA_SCIENTIST TO USER {{ ds_user }};

-- Administrators can check what a data scientist sees.
GRANT ROLE CONVEX_DATA_SCIENTIST TO ROLE SYSADMIN;

-- Data scientists may use the computing power,
GRANT USAGE ON WAREHOUSE CONVEX_WH TO ROLE CONVEX_DATA_SCIENTIST;

-- come into the building,
GRANT USAGE ON DATABASE CONVEX_INSURANCE TO ROLE CONVEX_DATA_SCIENTIST;

-- and enter one room: the datamart.
GRANT USAGE ON SCHEMA CONVEX_INSURANCE.CONVEX_DATAMART TO ROLE CONVEX_DATA_SCIENTIST;

-- There they may read every table that exists today,
GRANT SELECT ON ALL TABLES IN SCHEMA CONVEX_INSURANCE.CONVEX_DATAMART TO ROLE CONVEX_DATA_SCIENTIST;

-- every table that will be added tomorrow,
GRANT SELECT ON FUTURE TABLES IN SCHEMA CONVEX_INSURANCE.CONVEX_DATAMART TO ROLE CONVEX_DATA_SCIENTIST;

-- every view of today,
GRANT SELECT ON ALL VIEWS IN SCHEMA CONVEX_INSURANCE.CONVEX_DATAMART TO ROLE CONVEX_DATA_SCIENTIST;

-- and every view of tomorrow.
GRANT SELECT ON FUTURE VIEWS IN SCHEMA CONVEX_INSURANCE.CONVEX_DATAMART TO ROLE CONVEX_DATA_SCIENTIST;
