"""`python -m imdb_assets.serving`: the model server in the foreground, as the environment describes it."""

import sys

from imdb_assets.serving.errors import EndpointError
from imdb_assets.serving.server import serve
from imdb_assets.settings import SettingsError, load_settings

if __name__ == "__main__":
    try:
        serve(load_settings())
    except (EndpointError, SettingsError) as error:
        sys.exit(str(error))
