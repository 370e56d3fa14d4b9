"""What the comparisons share: processes, load, cost per request, and the report."""
