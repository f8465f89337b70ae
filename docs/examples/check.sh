#!/bin/sh
# Runs the examples for Dagster, Airflow, dbt and OpenLineage on the built-in sample, each with
# its own packages: 'just examples', or 'just examples dbt' for one. It takes minutes.
set -eu
examples=$(cd "$(dirname "$0")" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' INT TERM

(cd "$examples/../.." && go build -o "$temp/bin/entrepot" ./cmd/entrepot)
export PATH="$temp/bin:$PATH"
cd "$temp"
export ENTREPOT_TRADE=years # so that the release has all tables
entrepot run --quiet --sample made-up --openlineage-file "$temp/lineage.ndjson" >/dev/null 2>&1
export ENTREPOT_DATA="$temp/sample-out/sample" ENTREPOT_OUT="$temp/sample-out"

# packages NAME makes an environment with what requirements-NAME.txt lists.
packages() {
	python3 -m venv "$temp/$1"
	"$temp/$1/bin/pip" install -q --disable-pip-version-check -r "$examples/requirements-$1.txt"
}

dagster() {
	packages dagster
	DAGSTER_HOME=$(mktemp -d -p "$temp") "$temp/dagster/bin/dagster" asset materialize -f "$examples/dagster_assets.py" --select '*'
}

airflow() {
	packages airflow
	export AIRFLOW_HOME="$temp/airflow-home" AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__DAGS_FOLDER="$examples"
	mkdir "$AIRFLOW_HOME"
	"$temp/airflow/bin/airflow" db migrate >/dev/null
	"$temp/airflow/bin/airflow" dags test trade_figures 2026-01-01
}

dbt() {
	packages dbt
	cp -r "$examples/dbt" "$temp/project"
	DBT_DUCKDB="$temp/trade.duckdb" DBT_SEND_ANONYMOUS_USAGE_STATS=false "$temp/dbt/bin/dbt" --quiet build --project-dir "$temp/project" --profiles-dir "$temp/project"
}

openlineage() {
	packages openlineage
	# One that another program started, and that fails.
	export OPENLINEAGE_PARENT_ID=airflow/figures.refresh/01989a3b-1b55-7f3a-8d5f-0a8c6c2f2a11
	export OPENLINEAGE_ROOT_PARENT_ID=airflow/figures/01989a3b-1b55-7f3a-8d5f-0a8c6c2f2a12
	if entrepot run --quiet --data "$temp/nowhere" --out "$temp/failed" \
		--openlineage-file "$temp/lineage.ndjson" 2>/dev/null; then
		echo "a run without a data folder should fail" >&2
		exit 1
	fi
	"$temp/openlineage/bin/python" "$examples/check_lineage.py" "$temp/lineage.ndjson"
}

for example in ${*:-dagster airflow dbt openlineage}; do
	echo "== $example"
	"$example"
done
