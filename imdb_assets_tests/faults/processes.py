"""Where the processes of fault tests come from: forked from one that has loaded everything, so each starts at once."""

import multiprocessing

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["imdb_assets_tests.faults.victim", "imdb_assets_tests.faults.test_races"])
PATIENCE = 120  # seconds for one of them
