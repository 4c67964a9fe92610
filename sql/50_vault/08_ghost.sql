-- The vault belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- The key that nothing real can have: twenty bytes of zero.
CREATE OR REPLACE FUNCTION CONVEX_VAULT.GHOST_KEY()
RETURNS BINARY
COMMENT = 'Hash key of the ghost records'
AS
$$
  TO_BINARY('0000000000000000000000000000000000000000', 'HEX')
$$;

-- The moment before all moments. The first version of anything is valid from here.
CREATE OR REPLACE FUNCTION CONVEX_VAULT.GHOST_DTS()
RETURNS TIMESTAMP_LTZ
COMMENT = 'LOAD_DTS of the ghost records'
AS
$$
  '1900-01-01 00:00:00 +00:00'::TIMESTAMP_LTZ
$$;

-- The moment after all moments. What is valid today is valid until then.
CREATE OR REPLACE FUNCTION CONVEX_VAULT.END_DTS()
RETURNS TIMESTAMP_LTZ
COMMENT = 'End of what has not ended'
AS
$$
  '9999-12-31 00:00:00 +00:00'::TIMESTAMP_LTZ
$$;
