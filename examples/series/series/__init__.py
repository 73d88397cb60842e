"""Tables and multichannel time series: two modalities that read a CSV file and write one."""
