{% set access %}
{% if storage_role_arn %}
  STORAGE_INTEGRATION = CONVEX_S3
{% else %}
  CREDENTIALS = (
    AWS_KEY_ID = {{ aws_key_id | quote }}
    AWS_SECRET_KEY = {{ aws_secret_key | quote }}
    {% if aws_session_token %}
    AWS_TOKEN = {{ aws_session_token | quote }}
    {% endif %}
  )
{% endif %}
{% if s3_endpoint %}
  ENDPOINT = {{ s3_endpoint | quote }}
{% endif %}
{% endset %}
{% if storage_role_arn %}
-- The door to S3 is an account-wide object: the administrator makes it.
USE ROLE {{ admin_role }};

-- The door to S3: Snowflake takes on a role in AWS, so no key is ever written down here.
CREATE STORAGE INTEGRATION IF NOT EXISTS CONVEX_S3
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  STORAGE_AWS_ROLE_ARN = {{ storage_role_arn | quote }}
  ENABLED = TRUE
  STORAGE_ALLOWED_LOCATIONS = ({{ (bucket_url ~ '/') | quote }})
  COMMENT = 'Reads the Convex Insurance bucket';

-- The pipeline's role may go through that door.
GRANT USAGE ON INTEGRATION CONVEX_S3 TO ROLE CONVEX_ENGINEER;

{% endif %}
-- The stages belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- A window onto the folder in S3 that holds the customer list.
CREATE OR REPLACE STAGE CONVEX_STAGE.S3_CUSTOMERS
  URL = {{ (bucket_url ~ '/convex-customers/') | quote }}
  {{ access | trim }}
  FILE_FORMAT = (FORMAT_NAME = 'CONVEX_STAGE.CSV_WITH_HEADER')
  COMMENT = 'Customer lists in S3';

-- A window onto the folder in S3 that holds the product list.
CREATE OR REPLACE STAGE CONVEX_STAGE.S3_PRODUCTS
  URL = {{ (bucket_url ~ '/convex-products/') | quote }}
  {{ access | trim }}
  FILE_FORMAT = (FORMAT_NAME = 'CONVEX_STAGE.CSV_WITH_HEADER')
  COMMENT = 'Product lists in S3';

-- A window onto the folder in S3 that holds the purchases, one file a day.
CREATE OR REPLACE STAGE CONVEX_STAGE.S3_TRANSACTIONS
  URL = {{ (bucket_url ~ '/convex-transactions/') | quote }}
  {{ access | trim }}
  FILE_FORMAT = (FORMAT_NAME = 'CONVEX_STAGE.JSON_LINES')
  COMMENT = 'Daily purchase files in S3';

-- A look through the window: which days of purchases are waiting in S3.
LIST @CONVEX_STAGE.S3_TRANSACTIONS;
