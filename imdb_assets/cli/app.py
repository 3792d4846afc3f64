"""The `imdb` command: its subcommands, each in the file named after it, and how their errors are printed.

Subcommands import what they need when they run, so `imdb --help` does not wait for the lake to load.
"""

import io
import os
import sys

import typer

from imdb_assets.cli import (
    costs,
    demo,
    deploy,
    destroy,
    doctor,
    endpoint,
    export,
    history,
    lineage,
    maintain,
    materialize,
    models,
    predict,
    recover,
    rollback,
    sample,
    sql,
    stop,
    tables,
    ui,
    verify,
    views,
)
from imdb_assets.cli.output import fail

START, ASK, KEEP, AWS = "Start and stop", "Ask", "Materialize, roll back, clean up", "On AWS"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="IMDb's dumps as a lakehouse, an honest rating model and a live endpoint. Start with `imdb demo`.",
)
for panel, commands in {
    START: (demo.demo, ui.ui, sample.sample, stop.stop, doctor.doctor),
    ASK: (sql.sql, export.export, tables.tables, views.views, predict.predict, history.history, lineage.lineage),
    KEEP: (materialize.materialize, rollback.rollback, maintain.maintain, recover.recover, verify.verify),
    AWS: (deploy.deploy, destroy.destroy, costs.costs),
}.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(models.app, name="models", rich_help_panel=KEEP)
app.add_typer(endpoint.app, name="endpoint", rich_help_panel=AWS)


def main() -> None:
    """Entry point: an error of this project is printed as one message, and the command ends with exit code 1."""
    _use_utf8()
    try:
        app()
    except Exception as error:
        from imdb_assets.lake.errors import disk_advice
        from imdb_assets.settings import PROJECT_ROOT, SettingsError

        if isinstance(error, SettingsError):
            fail("The settings are wrong:", *str(error).splitlines(), f"See {PROJECT_ROOT / '.env.example'}")
        if type(error).__module__.startswith("imdb_assets."):  # our own errors name the cause and the remedy
            fail(str(error))
        if isinstance(error, OSError) and (advice := disk_advice(str(error))):
            fail(f"{error}{advice}")
        if found := _damage():
            fail(f"{type(error).__name__}: {error}", *found)
        raise


def _use_utf8() -> None:
    """Makes the command write UTF-8 to files and pipes, and escape letters that a terminal's encoding lacks."""
    for number, argument in enumerate(sys.argv[1:], start=1):
        if any("\udc80" <= letter <= "\udcff" for letter in argument):
            fail(
                f"argument {number} is not UTF-8: {os.fsencode(argument)}. Set the terminal to UTF-8. If the "
                "argument names a file whose name is not UTF-8, rename the file."
            )
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="strict")
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.isatty():
        sys.stdout.reconfigure(errors="backslashreplace")


def _damage() -> list[str]:
    """Messages about lost or damaged files, which may have caused an unforeseen error."""
    from imdb_assets.cli.damage import damage
    from imdb_assets.settings import load_settings

    return list(damage(load_settings()))
