# The daily commands; 'just' lists them.

_default:
    @just --list

# read the trade files and publish the figures: just run --data downloads
run *args:
    go run ./cmd/entrepot run {{args}}

# run every test
test *args:
    go test ./... {{args}}

# check format, vet and staticcheck
lint:
    test -z "$(gofmt -l .)" || { gofmt -l .; exit 1; }
    go vet ./...
    go tool staticcheck ./...

# run the notebooks on the built-in sample, and save what they show in sample-out/notebooks
notebooks:
    python3 -m venv .venv
    .venv/bin/pip install -q -r notebooks/requirements.txt
    go run ./cmd/entrepot run --quiet --dependence-ratio 3 >/dev/null
    go run ./cmd/entrepot run --quiet >/dev/null
    .venv/bin/python notebooks/run.py sample-out/notebooks notebooks/*.ipynb

# compare extraction with DuckDB's own reader on the same file
bench *args:
    go test ./pipeline -run '^$' -bench . {{args}}

# rewrite the fixtures and golden files; read the difference before you commit it
fixtures:
    go test ./fixtures -update
    go test ./schemas -run Dictionary -update
    go test ./pipeline -run Golden -update
    go test ./cmd/entrepot -update
