-- Roles are the administrator's business.
USE ROLE {{ admin_role }};

-- Remove the readers' role, and with it all that it was allowed.
DROP ROLE IF EXISTS BIKE_HIRE_READER;
