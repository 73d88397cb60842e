"""What is to be measured: options, the sets that are read, and each metric with what it looks at."""
