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

# compare extraction with DuckDB's own reader on the same file
bench *args:
    go test ./pipeline -run '^$' -bench . {{args}}

# rewrite the fixtures and golden files; read the difference before you commit it
fixtures:
    go test ./fixtures -update
    go test ./schemas -run Dictionary -update
    go test ./pipeline -run Golden -update
    go test ./cmd/entrepot -update
