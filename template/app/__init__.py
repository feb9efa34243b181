"""Importing this package changes garbage collection for the whole process, also for commands and migrations."""

import gc

# By default Python looks for unreachable cycles after 700 new objects. That took a tenth of the time of a request, and
# of a start.
gc.set_threshold(50_000)
