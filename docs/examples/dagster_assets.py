"""The trade figures as a Dagster asset, and a table of them as one that hangs on it.

ENTREPOT_DATA and ENTREPOT_OUT, or an entrepot.yaml in the folder where Dagster runs, say
where the files and the results are.
"""

import json
import os
import subprocess
from pathlib import Path

import dagster as dg
import duckdb

OUT = Path(os.environ.get("ENTREPOT_OUT", "out"))

# Exit codes of entrepot (docs/operating.md).
DONE, USAGE, INCOMPLETE, CHECKS, LOCKED = 0, 2, 3, 4, 11


@dg.asset(kinds={"duckdb", "parquet"}, description="The current release of the trade figures.")
def trade_release(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Brings the release up to date. What did not change is not done again."""
    run = subprocess.run(["entrepot", "run", "--log-format", "json", "--wait", "10m"], capture_output=True, text=True, check=False)
    events = [json.loads(line) for line in run.stderr.splitlines()]
    for event in events:
        context.log.info(event["msg"])
    said = events[-1]["msg"] if events else run.stdout
    if run.returncode == LOCKED:
        raise dg.RetryRequested(max_retries=3, seconds_to_wait=600)
    if run.returncode not in (DONE, INCOMPLETE):
        # Of these, doing the same again changes nothing.
        raise dg.Failure(description=said, allow_retries=run.returncode not in (USAGE, CHECKS))
    if run.returncode == INCOMPLETE:
        context.log.warning(said)
    manifest = json.loads((OUT / "current" / "manifest.json").read_text())
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest["release"]),
        metadata={
            "release": manifest["release"],
            "incomplete": run.returncode == INCOMPLETE,
            "input_files": len(manifest["inputs"]),
            "rows_rejected": sum(f["rows_rejected"] for f in manifest["inputs"]),
            "folder": dg.MetadataValue.path(str((OUT / "releases" / manifest["release"]).resolve())),
        },
    )


@dg.asset(deps=[trade_release], kinds={"duckdb"}, description="Sectors by the share of their codes that the reporter dominates.")
def dominated_sectors() -> dg.MaterializeResult:
    """Resolves the link once: a run that is published meanwhile changes nothing here."""
    release = (OUT / "current").resolve()
    rows = duckdb.sql(f"SELECT sector, year, dominated_share FROM '{release}/dominance.parquet' ORDER BY ALL").fetchall()
    return dg.MaterializeResult(metadata={"rows": len(rows), "release": release.name})


defs = dg.Definitions(assets=[trade_release, dominated_sectors])
