"""Checks events of OpenLineage with the classes that its own client makes of the schemas.

    python check_lineage.py lineage.ndjson

A class takes the fields of its schema and no others, and refuses what is no UUID, time or URI.
"""

import json
import sys

from openlineage.client import event_v2, facet_v2

FACETS = {
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
    "parent": facet_v2.parent_run.ParentRunFacet,
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
    "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
    "symlinks": facet_v2.symlinks_dataset.SymlinksDatasetFacet,
    "inputStatistics": facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet,
    "outputStatistics": facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
}
seen = set()


def facets(of):
    made = {}
    for name, content in (of or {}).items():
        content, kind = dict(content), FACETS[name]
        producer, url = content.pop("_producer"), content.pop("_schemaURL")
        if name == "schema":
            content["fields"] = [facet_v2.schema_dataset.SchemaDatasetFacetFields(**field) for field in content["fields"]]
        if name == "symlinks":
            content["identifiers"] = [facet_v2.symlinks_dataset.Identifier(**place) for place in content["identifiers"]]
        if name == "parent":
            if root := content.get("root"):
                of_run, of_job = facet_v2.parent_run.RootRun(**root["run"]), facet_v2.parent_run.RootJob(**root["job"])
                content["root"] = facet_v2.parent_run.Root(run=of_run, job=of_job)
            content["run"], content["job"] = facet_v2.parent_run.Run(**content["run"]), facet_v2.parent_run.Job(**content["job"])
        made[name] = kind(**content, producer=producer)
        if url.rsplit("/", 1)[-1] != made[name]._schemaURL.rsplit("/", 1)[-1]:
            raise ValueError(f"{name} says that it is {url}; the client has {made[name]._schemaURL}")
        seen.add(name)
    return made


def dataset(kind, of):
    of = dict(of)
    for name in ("facets", "inputFacets", "outputFacets"):
        if name in of:
            of[name] = facets(of[name])
    return kind(**of)


def check(event):
    event = dict(event)
    event.pop("schemaURL")
    run, job = dict(event.pop("run")), dict(event.pop("job"))
    event_v2.RunEvent(
        eventType=event_v2.RunState(event.pop("eventType")),
        run=event_v2.Run(runId=run.pop("runId"), facets=facets(run.pop("facets", None)), **run),
        job=event_v2.Job(namespace=job.pop("namespace"), name=job.pop("name"), facets=facets(job.pop("facets", None)), **job),
        inputs=[dataset(event_v2.InputDataset, d) for d in event.pop("inputs")],
        outputs=[dataset(event_v2.OutputDataset, d) for d in event.pop("outputs")],
        **event,
    )


with open(sys.argv[1], encoding="utf-8") as lines:
    events = [json.loads(line) for line in lines]
for event in events:
    check(event)
print(f"{len(events)} events are valid; they have the facets {', '.join(sorted(seen))}")
if {"START", "COMPLETE", "FAIL"} - {event["eventType"] for event in events} or FACETS.keys() - seen:
    sys.exit("there should be runs that complete and that fail, with every facet")
