"""The five dashboards, in the order of the navigation."""

from imdb_assets.dashboards.base import Dashboard
from imdb_assets.dashboards.catalogue import CATALOGUE
from imdb_assets.dashboards.model import MODEL
from imdb_assets.dashboards.operations import OPERATIONS
from imdb_assets.dashboards.people import PEOPLE
from imdb_assets.dashboards.quality import QUALITY

DASHBOARDS: dict[str, Dashboard] = {
    dashboard.name: dashboard for dashboard in (CATALOGUE, PEOPLE, QUALITY, MODEL, OPERATIONS)
}
"""The dashboards by name."""
