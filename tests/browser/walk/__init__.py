"""What people do in the walk of a whole cohort, one plain function for each thing that they do on a page."""
