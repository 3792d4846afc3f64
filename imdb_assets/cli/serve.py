"""`python -m imdb_assets.cli.serve`: runs the model server in the foreground, configured by the environment."""

import sys

from imdb_assets.serving.errors import EndpointError
from imdb_assets.settings import SettingsError, load_settings
from imdb_assets.wiring import lake_of, models_of

if __name__ == "__main__":
    try:
        settings = load_settings()
        from imdb_assets.serving.server import serve  # this import takes three seconds, so settings are checked first

        serve(settings, lake_of(settings), models_of(settings))
    except (EndpointError, SettingsError) as error:
        sys.exit(str(error))
