"""Documents that people hand on: typeset as tagged PDF, or as workbooks."""
