"""IMDb's daily dumps as a lakehouse, features, an honest rating model and its endpoint: software-defined assets."""

import os

# Polars' allocator gives freed memory back within half a second, not when it likes: a process runs many steps, and what
# the last one held would count with the next one's. Read once, when Polars is loaded, so it stands before all else.
os.environ["_RJEM_MALLOC_CONF"] = "dirty_decay_ms:500,muzzy_decay_ms:0"
