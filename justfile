# The daily commands; 'just' lists them.

_default:
    @just --list

# read the trade files and publish the figures: just run --data downloads
run *args:
    go run ./cmd/entrepot run {{args}}

# run every test
test *args:
    go test ./... {{args}}

# run every test that opens no browser: on an idle machine with two processors it may take ten minutes
quick *args:
    go test -skip InBrowser ./... {{args}}

# test the report's page in Chromium and Firefox
browsers *args:
    go test -run InBrowser ./pipeline/report {{args}}

# compare hundreds of days of random work on a folder with runs from nothing: just daily 300 7
daily steps="300" seed="1":
    go test ./pipeline -run TestDailyWork -timeout 4h -daily.steps {{steps}} -daily.each 1 -daily.seed {{seed}}

# search for inputs that break a reader, for so long each: just fuzz 10m; just fuzz 1h FuzzForms
fuzz time="2m" targets="Fuzz.*":
    #!/bin/sh
    set -eu
    for package in ./sources ./sources/decode ./sources/untables; do
        for target in $(go test "$package" -list '^({{targets}})$' | grep '^Fuzz'); do
            echo "$package $target"
            # Go would spend most of the time on making each interesting input smaller.
            go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime {{time}} -fuzzminimizetime 1x || {
                # Go says "hung or terminated unexpectedly" of an input that took ten seconds, as happens on a busy machine.
                go test "$package" -run "^$target\$" && echo "$target: every input passes alone; one took the ten seconds after which Go ends it"
                exit 1
            }
        done
    done

# read releases in a loop while so many are published or copied: just publications 200
publications count="100":
    go test ./pipeline ./pipeline/remote -run TestReaderDuring -v -timeout 4h -publications {{count}}

# kill so many processes at work, and read what they published after each: just kills 1000
kills count="200" seed="1":
    go test ./cmd/entrepot -run TestKilledAtAnyMoment -v -timeout 12h -kills {{count}} -kills.seed {{seed}}

# stage the files of every case in a lake, and compare what is published over it byte by byte
lake:
    go test ./cmd/entrepot -run TestCases -lake.all -timeout 2h

# damage the workspace in so many ways, and look and run after each: just damages 71
damages count="71":
    go test ./cmd/entrepot -run TestDamagedWorkspaces -v -timeout 12h -damages {{count}}

# compare what history, status and metrics say with what happened in a year of nightly runs: just year 400 1
year nights="400" seed="1":
    go test ./pipeline -run TestYear -timeout 4h -v -year.nights {{nights}} -year.seed {{seed}}

# run on so many sizes of a disk that fills up, and with room again after each: just disks 60
disks count="60":
    go test ./cmd/entrepot -run TestDiskSizes -v -timeout 12h -disks {{count}}

# try runs and the client on a real Trino cluster on this machine, with failing nodes and disks: needs Java 25, Maven and 6 GiB of memory
trino *args:
    ENTREPOT_TRINO=1 go test ./fixtures/trino -count 1 -v -timeout 90m {{args}}

# check format, vet and staticcheck
lint:
    test -z "$(gofmt -l .)" || { gofmt -l .; exit 1; }
    go vet ./...
    go tool staticcheck ./...

# list what is linked into the program, with versions and licences (CycloneDX): just sbom sbom.cdx.json
sbom file="sbom.cdx.json":
    #!/bin/sh
    set -eu
    temp=$(mktemp -d)
    trap 'rm -rf "$temp"' EXIT
    go build -trimpath -o "$temp/entrepot" ./cmd/entrepot
    version=$("$temp/entrepot" --version)
    .ci/sbom "${version#entrepot }" "$temp/entrepot" {{file}}

# build stripped, reproducible binaries for linux/amd64 and linux/arm64, with checksums and what is linked into them: just release dist
release folder="dist":
    .ci/release {{folder}}

# look for known vulnerabilities in what is linked in (needs vuln.go.dev)
vulnerabilities:
    go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./cmd/entrepot

# compare all years of the excerpt of raw materials with the reference, where they are at hand
raw-materials:
    go test ./pipeline -run TestRawMaterials -v -raw-materials.all

# run the notebooks on the built-in sample, and save what they show in sample-out/notebooks
notebooks:
    python3 -m venv .venv
    .venv/bin/pip install -q -r notebooks/requirements.txt
    go run ./cmd/entrepot run --quiet --dependence-ratio 3 >/dev/null
    go run ./cmd/entrepot run --quiet >/dev/null
    .venv/bin/python notebooks/run.py sample-out/notebooks notebooks/*.ipynb
    go run ./cmd/entrepot export --format csv --to sample-out/csv --force
    ! command -v Rscript >/dev/null || Rscript --vanilla notebooks/4-who-else-could-supply.R sample-out/csv sample-out/notebooks/who-else.pdf

# let Frictionless read every row of the data packages, also of tables with tens of thousands (a minute)
data-package:
    go test ./notebooks -run 'TestNotebooks/(results|Python)/(another|data)' -v -count 1 -frictionless.all

# run the examples for Dagster, Airflow, dbt and OpenLineage with their own packages: just examples dbt
examples *names:
    docs/examples/check.sh {{names}}

# measure every stage against DuckDB alone: just bench --sizes 1M,10M --dir /big/disk
bench *args:
    go run ./fixtures/bench {{args}}

# write a data set of any size with known answers: just bench-data --rows 10M --dir /tmp/trade
bench-data *args:
    go run ./fixtures/bench-data {{args}}

# rewrite the fixtures and golden files; read the difference before you commit it
fixtures:
    go test ./fixtures -update
    go test ./schemas -run Dictionary -update
    go test ./pipeline -run Golden -update
    go test ./pipeline/report -run Golden -update
    go test ./cmd/entrepot -update

# fetch the charting library of the page again: just plot
plot plot="0.6.17" plot_integrity="sha512-/qaXP/7mc4MUS0s4cPPFASDRjtsWp85/TbfsciqDgU1HwYixbSbbytNuInD8AcTYC3xaxACgVX06agdfQy9W+g==" d3="7.9.2" d3_integrity="sha512-ZKb/mONPVKzaO5UlcWcwN8bS4ezvQaYu+bsou+XgNABdGC800kwH651ADTbbTxMPHW13UlvbQafdmJQDk1w7Mg==":
    #!/bin/sh
    set -eu
    folder="$PWD/pipeline/report/page/plot"
    temp=$(mktemp -d)
    trap 'rm -rf "$temp"' EXIT
    cd "$temp"
    fetch() {
        npm pack --silent "$1" >/dev/null
        sum="sha512-$(openssl dgst -sha512 -binary "$2" | openssl base64 -A)"
        test "$sum" = "$3" || { echo "integrity of $1 is $sum" >&2; exit 1; }
        tar xzf "$2"
    }
    fetch "@observablehq/plot@{{plot}}" "observablehq-plot-{{plot}}.tgz" "{{plot_integrity}}"
    cp package/dist/plot.umd.min.js "$folder/plot.umd.min.js"
    cp package/LICENSE "$folder/LICENSE-plot"
    rm -r package
    fetch "d3@{{d3}}" "d3-{{d3}}.tgz" "{{d3_integrity}}"
    cp package/dist/d3.min.js "$folder/d3.min.js"
    cp package/LICENSE "$folder/LICENSE-d3"

# fetch the geometry of the page's map again: just map
map atlas="2.0.2" atlas_integrity="sha512-IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==" topojson="3.1.0" topojson_integrity="sha512-605uxS6bcYxGXw9qi62XyrV6Q3xwbndjachmNxu8HWTtVPxZfEJN9fd/SZS1Q54Sn2y0TMyMxFj/cJINqGHrKw==":
    #!/bin/sh
    set -eu
    folder="$PWD/pipeline/report/page/map"
    temp=$(mktemp -d)
    trap 'rm -rf "$temp"' EXIT
    cd "$temp"
    fetch() {
        npm pack --silent "$1@$2" >/dev/null
        sum="sha512-$(openssl dgst -sha512 -binary "$1-$2.tgz" | openssl base64 -A)"
        test "$sum" = "$3" || { echo "integrity of $1 is $sum" >&2; exit 1; }
        mkdir "$1"
        tar xzf "$1-$2.tgz" -C "$1"
        cp "$1/package/LICENSE" "$folder/LICENSE-$1"
    }
    fetch world-atlas "{{atlas}}" "{{atlas_integrity}}"
    fetch topojson-client "{{topojson}}" "{{topojson_integrity}}"
    cp world-atlas/package/countries-110m.json topojson-client/package/dist/topojson-client.min.js "$folder"
    node "$folder/small.cjs" "$folder/../plot/d3.min.js" topojson-client/package/dist/topojson-client.js \
        world-atlas/package/countries-110m.json world-atlas/package/countries-50m.json > "$folder/small-areas.json"

# fetch the font of the page and the pictures again: just font
font version="5.3.0" integrity="sha512-nhxZ2sTVZYX8DJBgLuyX360B5vE4mxqpmjlKTRfucIqfcWRVx9vOYzWBc1IgEX0ist48VMC10PRKbFyH+4QFvQ==":
    #!/bin/sh
    set -eu
    folder="$PWD/pipeline/report/page/font"
    temp=$(mktemp -d)
    trap 'rm -rf "$temp"' EXIT
    cd "$temp"
    npm pack --silent "@fontsource/arimo@{{version}}" >/dev/null
    sum="sha512-$(openssl dgst -sha512 -binary "fontsource-arimo-{{version}}.tgz" | openssl base64 -A)"
    test "$sum" = "{{integrity}}" || { echo "integrity is $sum" >&2; exit 1; }
    tar xzf "fontsource-arimo-{{version}}.tgz"
    cp package/files/arimo-latin-400-normal.woff2 package/files/arimo-latin-700-normal.woff2 "$folder"
    cp package/LICENSE "$folder/LICENSE-arimo"

# serve invented trade as UN Comtrade's API does, to try fetch without a key: just fake --years 2019-2023
fake *args:
    go run ./fixtures/fake/serve {{args}}

# kill fetches at random moments: just fetch-kills 20
fetch-kills times="20":
    go test ./cmd/entrepot -run TestFetchKilled -timeout 1h -v -fetch.kills {{times}}

# a first load at full size, 24 years of 165 reporters, from the fake server, with its calls, rows, bytes, time and memory
fetch-load dir="fetch-load":
    #!/bin/sh
    set -eu
    mkdir -p "{{dir}}"
    go build -o "{{dir}}/" ./cmd/entrepot ./fixtures/fake/serve
    nice "{{dir}}/serve" --address 127.0.0.1:8686 --count 165 --rate 0 --log "{{dir}}/requests" &
    trap 'kill $!' EXIT
    sleep 5
    COMTRADE_API_KEY=anything nice /usr/bin/time -v "{{dir}}/entrepot" fetch --data "{{dir}}/data" --years 2001-2024 \
        --fetch-url http://127.0.0.1:8686 --fetch-calls-per-second 20

# ask the real site, in at most five calls without a key, what is not known for sure
fetch-live:
    ENTREPOT_LIVE=1 go test ./fetch -run TestLive -v -count 1
