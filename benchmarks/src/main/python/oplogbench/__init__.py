"""The speed of the built program, each figure beside a bare baseline measured in the same run.

place    where things are, what is built, which ports are free
process  servers under measurement, ours and the bare ones: start, watch, stop
load     the load generator's command line
figure   samples of a round, medians, bounds
cases    one function a row of the table
report   the table and the JSON
main     the command
"""
