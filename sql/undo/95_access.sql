-- Roles and users are the administrator's business.
USE ROLE {{ admin_role }};

-- Remove the data scientists' user.
DROP USER IF EXISTS {{ ds_user }};

-- Remove the data scientists' role, and with it all that it was allowed.
DROP ROLE IF EXISTS CONVEX_DATA_SCIENTIST;
