"""Dashboards as Grafana's JSON: the same panels, with Athena as data source, and metrics from CloudWatch.

The JSON is built with the types of grafana-foundation-sdk, for Grafana 11.6 with the plugins grafana-athena-datasource
and cloudwatch. Data sources and CloudWatch's namespace are variables of each dashboard, so that the dashboard contains
no facts about a particular deployment.
"""

import json
from typing import Any, cast

from grafana_foundation_sdk.builders import (
    athena,
    barchart,
    cloudwatch,
    common,
    dashboard,
    stat,
    table,
    text,
    timeseries,
    trend,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.athena import FormatOptions
from grafana_foundation_sdk.models.cloudwatch import CloudWatchQueryMode, MetricEditorMode, MetricQueryType
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef, DataTransformerConfig
from grafana_foundation_sdk.models.text import TextMode

from imdb_assets.colours import colours
from imdb_assets.contracts.registry import CONTRACTS
from imdb_assets.dashboards.base import (
    SNAPSHOTS,
    Bars,
    Dashboard,
    Dots,
    Figures,
    Heat,
    Kind,
    Lines,
    Panel,
    Rows,
    series_of,
)
from imdb_assets.dashboards.registry import DASHBOARDS
from imdb_assets.lake.provenance import RUN_ID
from imdb_assets.ml.model_card import ATTRIBUTION
from imdb_assets.naming import parameter, schema
from imdb_assets.warehouse import views

ATHENA, CLOUDWATCH = "grafana-athena-datasource", "cloudwatch"
UID_PREFIX = "imdb-assets-"
TAG = "imdb-assets"
NAMESPACE = "imdb-assets"
"""Default of the dashboard's variable for CloudWatch's namespace."""
DATABASES = "${databases}_"
"""Beginning of the names of Glue's databases: a variable of the dashboard, and an underscore. The variable has the same
default as IMDB_AWS_PREFIX."""
WIDTH, FOOT_HEIGHT, FIGURES_HEIGHT, HEIGHT = 24, 2, 5, 10
"""Sizes in units of Grafana's grid."""

FIXED = models.FieldColorModeId.FIXED

_ATHENA = DataSourceRef(type_val=ATHENA, uid="${athena}")
_CLOUDWATCH = DataSourceRef(type_val=CLOUDWATCH, uid="${cloudwatch}")

_UNITS: dict[Kind, str] = {
    "share": "percentunit",
    "seconds": "s",
    "ms": "ms",
    "bytes": "bytes",
    "count": "locale",
    "year": "none",
}
_DECIMALS: dict[Kind, int] = {"rating": 2, "points": 2, "number": 3}

_HISTORY = """(
  select
    '{name}' as table_name,
    snapshots.snapshot_id,
    snapshots.committed_at as published_at,
    cast(snapshots.summary['total-records'] as bigint) as rows_published,
    snapshots.snapshot_id = refs.snapshot_id as is_current,
    snapshots.summary['{run_id}'] as run_id
  from "{databases}{schema}"."{table}$snapshots" as snapshots
  cross join (select snapshot_id from "{databases}{schema}"."{table}$refs" where name = 'main') as refs
)"""


def documents() -> dict[str, dict[str, Any]]:
    """Maps the uid of each dashboard to its JSON for Grafana's API; the same code always gives the same result."""
    return {f"{UID_PREFIX}{name}": document(shown) for name, shown in DASHBOARDS.items()}


def document(shown: Dashboard) -> dict[str, Any]:
    """One dashboard as JSON."""
    made = (
        dashboard.Dashboard(f"IMDb · {shown.title}")
        .uid(f"{UID_PREFIX}{shown.name}")
        .description(shown.words)
        .tags([TAG])
        .timezone("utc")
        .time("now-30d", "now")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("athena").label("Athena").type(ATHENA))
        .with_variable(dashboard.DatasourceVariable("cloudwatch").label("CloudWatch").type(CLOUDWATCH))
        .with_variable(dashboard.TextBoxVariable("namespace").label("CloudWatch namespace").default_value(NAMESPACE))
        .with_variable(
            dashboard.TextBoxVariable("databases")
            .label("Prefix of Glue's databases")
            .default_value(NAMESPACE.replace("-", "_"))
        )
        .annotation(_alarms())
        .link(
            dashboard.DashboardLink("Other dashboards")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)  # noqa: FBT003 - the builder's way
        )
    )
    for number, panel in enumerate(shown.panels):
        made = made.with_panel(_panel(panel).id(number + 1))
    foot = text.Panel().mode(TextMode.MARKDOWN).content(ATTRIBUTION).span(WIDTH).height(FOOT_HEIGHT)
    made = made.with_panel(foot.id(len(shown.panels) + 1))
    return json.loads(json.dumps(made.build(), cls=JSONEncoder, sort_keys=True))


def query(panel: Panel) -> str:
    """The panel's query for Athena."""
    text = views.translate(panel.query, "trino", DATABASES)
    if panel.reads_history:
        parts = [
            _HISTORY.format(run_id=RUN_ID, name=name, databases=DATABASES, schema=schema(name), table=parameter(name))
            for name in CONTRACTS
        ]
        text = text.replace(SNAPSHOTS, f"({' union all '.join(parts)})")
    return text


def _alarms() -> dashboard.AnnotationQuery:
    """Annotations that mark state changes of CloudWatch's alarms on every chart."""
    alarms = (
        cloudwatch.CloudWatchAnnotationQuery()
        .query_mode(CloudWatchQueryMode.ANNOTATIONS)
        .prefix_matching(True)  # noqa: FBT003 - the builder's way
        .alarm_name_prefix("$namespace")
        .region("default")
        .namespace("")
        .ref_id("Alarms")
    )
    return (
        dashboard.AnnotationQuery()
        .name("Alarms")
        .datasource(_CLOUDWATCH)
        .enable(True)  # noqa: FBT003 - the builder's way
        .icon_color("red")
        .target(cast("Any", alarms))  # the type hint of `target` allows only Grafana's own annotations
    )


def _panel(panel: Panel) -> Any:
    built: Any = _metrics(panel) if panel.metrics else _drawn(panel)
    source = _CLOUDWATCH if panel.metrics else _ATHENA
    is_figures = isinstance(panel.drawing, Figures)
    return (
        built.title(panel.title)
        .description(panel.words)
        .datasource(source)
        .span(WIDTH if panel.wide else WIDTH // 2)
        .height(FIGURES_HEIGHT if is_figures else HEIGHT)
        .no_value(panel.nothing)
    )


def _metrics(panel: Panel) -> Any:
    """A time series chart of the panel's CloudWatch metrics, found by name whatever their dimensions are."""
    assert panel.metrics is not None
    built = timeseries.Panel()
    for place, name in enumerate(panel.metrics.names):
        search = f"SEARCH('Namespace=\"$namespace\" MetricName=\"{name}\"', '{panel.metrics.statistic}', 300)"
        built = built.with_target(
            cloudwatch.CloudWatchMetricsQuery()
            .query_mode(CloudWatchQueryMode.METRICS)
            .metric_query_type(MetricQueryType.SEARCH)
            .metric_editor_mode(MetricEditorMode.CODE)
            .id(f"m{place}")
            .region("default")
            .namespace("$namespace")
            .expression(search)
            .statistic(panel.metrics.statistic)
            .ref_id(chr(ord("A") + place))
            .datasource(_CLOUDWATCH)
        )
    return built


def _drawn(panel: Panel) -> Any:
    kinds = {name: column.kind for name, column in panel.columns.items()}
    is_series = isinstance(panel.drawing, Lines) and kinds[panel.drawing.x] == "when"
    target = (
        athena.Dataquery()
        .format(FormatOptions.TIME_SERIES if is_series else FormatOptions.TABLE)
        .connection_args(athena.ConnectionArgs().region("__default").catalog("__default").database("__default"))
        .raw_sql(query(panel))
        .ref_id("A")
        .datasource(_ATHENA)
    )
    built: Any
    match panel.drawing:
        case Figures():
            every = common.ReduceDataOptions().values(True).fields("/.*/").calcs(["lastNotNull"])  # noqa: FBT003
            built = stat.Panel().reduce_options(every).graph_mode(common_models.BigValueGraphMode.NONE)
        case Rows():
            built = table.Panel()
        case Heat() as drawing:
            built = _matrix(table.Panel(), drawing.x, drawing.y, drawing.value).override_by_field_type(
                "number", [_property("custom.cellOptions", {"type": "color-background", "mode": "basic"})]
            )
        case Bars() as drawing:
            built = _bars(drawing.category, drawing.value, drawing.series, lying=drawing.lying, stacked=drawing.stacked)
        case Dots() as drawing:
            built = _bars(drawing.category, drawing.value, drawing.series, lying=True, stacked=False)
        case Lines() as drawing:
            built = timeseries.Panel() if is_series else trend.Panel()
            if drawing.series and not is_series:
                x = {"targetField": f"{drawing.x}\\{drawing.series}", "destinationType": "number"}
                built = _matrix(built, drawing.series, drawing.x, drawing.y).with_transformation(
                    DataTransformerConfig(id_val="convertFieldType", options={"fields": {}, "conversions": [x]})
                )
    for name, column in panel.columns.items():
        built = built.override_by_name(name, _shown(column.title or name, column.kind))
    if not series_of(panel.drawing):
        built = built.color_scheme(dashboard.FieldColor().mode(FIXED).fixed_color(colours("light")["c1"]))
    return built.with_target(target)


def _bars(category: str, value: str, series: str | None, *, lying: bool, stacked: bool) -> Any:
    orientation = common_models.VizOrientation.HORIZONTAL if lying else common_models.VizOrientation.VERTICAL
    built = barchart.Panel().orientation(orientation)
    if series:
        at_the_foot = common_models.LegendPlacement.BOTTOM
        built = built.legend(common.VizLegendOptions().show_legend(True).placement(at_the_foot))  # noqa: FBT003
    if stacked:
        built = built.stacking(common_models.StackingMode.NORMAL)
    return _matrix(built, series, category, value) if series else built.x_field(category)


def _matrix(built: Any, column: str, row: str, value: str) -> Any:
    """Adds the transformation that turns each series into a column; Grafana's panels need one column per series."""
    fields = {"columnField": column, "rowField": row, "valueField": value}
    return built.with_transformation(DataTransformerConfig(id_val="groupingToMatrix", options=fields))


def _shown(title: str, kind: Kind) -> list[models.DynamicConfigValue]:
    """The display format of a column's values."""
    properties = [_property("displayName", title)]
    if kind in _UNITS:
        properties.append(_property("unit", _UNITS[kind]))
    if kind in _DECIMALS:
        properties.append(_property("decimals", _DECIMALS[kind]))
    return properties


def _property(name: str, value: Any) -> models.DynamicConfigValue:
    return models.DynamicConfigValue(id_val=name, value=value)
