-- Loading is done by the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;
{% if load_by == 'copy' %}

-- Nothing may be loaded twice.
CALL CONVEX_STAGE.REFUSE_PIPED();
{% elif load_by == 'copy_new' %}

-- What waits for a pipe is loaded by it.
CALL CONVEX_STAGE.AWAIT_PIPES();
{% endif %}
{% if load_by != 'pipe' %}
{% for source in ['CUSTOMERS', 'PRODUCTS', 'TRANSACTIONS'] %}

-- Files are loaded by COPY: there must be no pipe for {{ source | lower }} beside it, which would load them once more.
DROP PIPE IF EXISTS CONVEX_STAGE.{{ source }}_PIPE;
{% endfor %}
{% endif %}
