-- Loading is done by the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;
{% if load_by == 'pipe' %}
{% for source in ['CUSTOMERS', 'PRODUCTS', 'TRANSACTIONS'] %}

-- Send the pipe for {{ source | lower }} what was stored before it was there. What it has loaded it does not load again.
ALTER PIPE CONVEX_STAGE.{{ source }}_PIPE REFRESH;
{% endfor %}

-- Wait until the pipes have loaded all of it.
CALL CONVEX_STAGE.AWAIT_PIPES();
{% endif %}
