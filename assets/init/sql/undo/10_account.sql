-- Making and dropping account objects is the administrator's business.
USE ROLE {{ admin_role }};

-- Remove the database with everything in it. UNDROP DATABASE brings it back for as long as Snowflake retains it.
DROP DATABASE IF EXISTS BIKE_HIRE;

-- Remove the computing power.
DROP WAREHOUSE IF EXISTS BIKE_HIRE_WH;
{% if storage_role_arn %}

-- Close the door to S3.
DROP INTEGRATION IF EXISTS BIKE_HIRE_S3;
{% endif %}

-- Remove the pipeline's role.
DROP ROLE IF EXISTS BIKE_HIRE_OWNER;
