-- The curtain belongs to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- From the vault on, personal data is behind a curtain: only the steward's role sees it. Not even the pipeline's own
-- role does, as no step of the pipeline needs to read it again.

-- The curtain for texts: names, addresses, cities.
CREATE MASKING POLICY IF NOT EXISTS CONVEX_VAULT.HIDE_TEXT
AS (PERSONAL VARCHAR) RETURNS VARCHAR ->
  CASE
    WHEN IS_ROLE_IN_SESSION('CONVEX_STEWARD') OR PERSONAL IS NULL THEN PERSONAL
    ELSE '***'
  END
COMMENT = 'Personal texts, for CONVEX_STEWARD only';

-- The curtain for dates.
CREATE MASKING POLICY IF NOT EXISTS CONVEX_VAULT.HIDE_DATE
AS (PERSONAL DATE) RETURNS DATE ->
  CASE
    WHEN IS_ROLE_IN_SESSION('CONVEX_STEWARD') THEN PERSONAL
  END
COMMENT = 'Personal dates, for CONVEX_STEWARD only';

-- The curtain for columns that a file has brought and nobody has judged yet: they count as personal.
CREATE MASKING POLICY IF NOT EXISTS CONVEX_VAULT.HIDE_MORE
AS (PERSONAL VARIANT) RETURNS VARIANT ->
  CASE
    WHEN IS_ROLE_IN_SESSION('CONVEX_STEWARD') THEN PERSONAL
  END
COMMENT = 'New columns of the customer list, for CONVEX_STEWARD only';
