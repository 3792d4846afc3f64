"""Each dashboard has an asset that fills the panels, shows the panels as pictures, and reports unreadable panels.

A separate asset writes the files for Grafana. The model server renders the dashboards' pages from the lake's state at
the time of the request (`serving/app.py`).
"""

import hashlib
import json
from typing import TYPE_CHECKING

import dagster as dg

from imdb_assets.contracts.registry import CONTRACTS, VIEWS
from imdb_assets.dashboards.base import Dashboard
from imdb_assets.dashboards.charts import picture
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.dashboards.shown import shown
from imdb_assets.defs.code_version import code_version
from imdb_assets.defs.markdown import image
from imdb_assets.defs.policies import asset_key, common
from imdb_assets.defs.unchanged import Told, keep_or_look
from imdb_assets.lake.files import write_json
from imdb_assets.lake.lake import Lake
from imdb_assets.serving import local
from imdb_assets.settings import Settings

if TYPE_CHECKING:
    from imdb_assets.dashboards.data import Filled

TABLE_ROWS = 10


def _dashboard_asset(dashboard: Dashboard) -> dg.AssetsDefinition:
    key = dg.AssetKey(["dashboards", dashboard.name])

    @dg.asset(
        **common(key),
        description=f"{dashboard.words}\n\n" + "\n".join(f"- {panel.title}" for panel in dashboard.panels),
        kinds={"altair", "sql"},
        # Every run adds rows to the tables of `ops`. If `deps` named these tables, a dashboard would always be stale.
        deps=[asset_key(name) for name in dashboard.reads if name in CONTRACTS | VIEWS and not name.startswith("ops.")],
        check_specs=[
            dg.AssetCheckSpec(
                "every_panel_can_be_read", asset=key, description="Every panel can read its tables and views."
            )
        ],
        code_version=_version(dashboard),
    )
    def body(
        context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], settings: dg.ResourceParam[Settings]
    ) -> Told:
        from imdb_assets.dashboards.data import Reading

        reading = Reading(lake, dashboard.panels)

        def look() -> tuple[dg.AssetCheckResult, dict[str, dg.MetadataValue]]:
            panels = reading.fill(dashboard.panels)
            failed = [f"{filled.panel.title}: {filled.problem}" for filled in panels if filled.failed]
            found = dg.AssetCheckResult(
                check_name="every_panel_can_be_read",
                asset_key=key,
                passed=not failed,
                severity=dg.AssetCheckSeverity.WARN,
                description="; ".join(failed) or f"{len(panels)} panels.",
            )
            page = dg.MetadataValue.url(f"{local.url_of(settings)}/dashboards/{dashboard.name}")
            return found, {"page": page, **{one.panel.title: dg.MetadataValue.md(_preview(one)) for one in panels}}

        read = {table: str(snapshot_id) for table, snapshot_id in sorted(reading.mark)}
        yield from keep_or_look(context, read, look)

    return body  # pyright: ignore[reportReturnType] - arguments by ** hide which overload of dg.asset this is


def _version(dashboard: Dashboard) -> str:
    """A hash of a dashboard's declaration and of the code that reads and draws its panels."""
    code = code_version(picture)
    return hashlib.sha256(f"{code}{dashboard}".encode()).hexdigest()[:12]


def _preview(filled: "Filled") -> str:
    """A panel as Markdown: its picture, or its first rows."""
    if filled.problem:
        return filled.problem
    png = picture(filled)
    if png:
        return image(filled.panel.title, png)
    columns = list(filled.panel.columns.values())
    rows = [[column.title for column in columns], ["---"] * len(columns)]
    rows += [
        [shown(column.kind, value).replace("|", "\\|") for column, value in zip(columns, row, strict=True)]
        for row in filled.rows.head(TABLE_ROWS).rows()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


dashboard_assets = [_dashboard_asset(dashboard) for dashboard in DASHBOARDS.values()]


@dg.asset(
    **common(dg.AssetKey(["dashboards", "grafana"])),
    description=(
        "The five dashboards as Grafana's JSON, with Athena and CloudWatch as data sources. The dashboards are "
        "written to files, and changed dashboards are pushed to the Grafana server at IMDB_GRAFANA_URL."
    ),
    kinds={"grafana", "json"},
    deps=[dg.AssetKey(["dashboards", name]) for name in DASHBOARDS],
)
def grafana(settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
    from imdb_assets.dashboards.grafana import documents
    from imdb_assets.dashboards.push import GrafanaError, push

    made = documents()
    for uid, document in made.items():
        write_json(settings.pages_folder / "grafana" / f"{uid}.json", document)
    metadata: dict[str, object] = {
        "files": dg.MetadataValue.path(str(settings.pages_folder / "grafana")),
        "bytes": sum(len(json.dumps(document)) for document in made.values()),
        "pushed": "no: IMDB_GRAFANA_URL is not set",
    }
    if settings.grafana_url and settings.grafana_token:
        try:
            metadata["pushed"] = dg.MetadataValue.json(
                push(settings.grafana_url, settings.grafana_token.get_secret_value(), made)
            )
        except GrafanaError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
    return dg.MaterializeResult(metadata=metadata)  # pyright: ignore[reportArgumentType] - values of many kinds
