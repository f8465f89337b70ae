"""The trade figures as an Airflow DAG (Airflow 3): one task refreshes them, one reads them.

ENTREPOT_DATA and ENTREPOT_OUT, or an entrepot.yaml in /srv/entrepot, say where the files
and the results are.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset, dag, task

OUT = Path(os.environ.get("ENTREPOT_OUT", "/srv/entrepot/out"))

# The release, for other DAGs that wait for it: schedule=[RELEASE].
RELEASE = Asset("entrepot_release")


@dag(schedule="30 2 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1, tags=["trade"])
def trade_figures():
    refresh = BashOperator(
        task_id="refresh",
        # 3: published, although rows, files or reporters are missing; the log says which.
        bash_command="entrepot run --log-format json --wait 10m; code=$?; [ $code -eq 3 ] && exit 0; exit $code",
        skip_on_exit_code=11,  # another run is at work, and it does the work
        retries=2,
        retry_delay=timedelta(minutes=10),
        append_env=True,
        # With the provider for OpenLineage, the run's events say which task started it.
        env={
            "OPENLINEAGE_PARENT_ID": "{% if macros.OpenLineageProviderPlugin is defined %}"
            "{{ macros.OpenLineageProviderPlugin.lineage_parent_id(task_instance) }}{% endif %}"
        },
        outlets=[RELEASE],
    )

    @task
    def describe():
        """What was published, for the tasks after this one."""
        release = (OUT / "current").resolve()  # once: a run that is published meanwhile changes nothing here
        manifest = json.loads((release / "manifest.json").read_text())
        return {"release": manifest["release"], "folder": str(release), "rows_rejected": sum(f["rows_rejected"] for f in manifest["inputs"])}

    refresh >> describe()


figures = trade_figures()
