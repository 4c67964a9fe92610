-- Everything that touches the whole account happens in this file and in the last stage, and nowhere else.

-- Act as the administrator: making roles and giving account-wide rights needs it.
USE ROLE {{ admin_role }};

-- The role that owns the pipeline. People are given this role; no object belongs to a person.
CREATE ROLE IF NOT EXISTS CONVEX_ENGINEER
  COMMENT = 'Owns and runs the Convex Insurance pipeline';

-- The role of the data steward: the only one that sees personal data in the clear. Nobody holds it unless it is given.
CREATE ROLE IF NOT EXISTS CONVEX_STEWARD
  COMMENT = 'Sees personal data of Convex Insurance customers';

-- System administrators can do whatever the pipeline's role can, so nothing is ever locked away.
GRANT ROLE CONVEX_ENGINEER TO ROLE SYSADMIN;

-- What the pipeline may do in the account: make its own database and warehouse, run its tasks and its alerts.
GRANT CREATE DATABASE, CREATE WAREHOUSE, EXECUTE TASK, EXECUTE ALERT ON ACCOUNT TO ROLE CONVEX_ENGINEER;
