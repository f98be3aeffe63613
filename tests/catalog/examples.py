"""A catalog that uses every key."""

FULL = """\
version: 1
as_of: 2026-03-25T00:00:00Z
vendors:
  - {id: northgate, name: Northgate Talent, role: processor, country: US}
  - {id: tagworks, sub_processor_of: northgate}
principals:
  - id: svc_northgate
    vendor: northgate
    kind: service
    valid_from: 2026-01-01T00:00:00+01:00
    valid_to: 2026-02-01T00:00:00Z
    rotated_at: [2026-03-25T09:00:00Z, 2026-01-05T09:00:00Z]
    aliases: ["arn:aws:iam::111122223333:user/northgate-etl"]
  - {id: svc_northgate, vendor: tagworks, valid_from: 2026-02-01T00:00:00Z, valid_to: null}
  - {id: svc_backup}
jobs:
  - match: {namespace: airflow, name: "northgate_*"}
    vendor: northgate
    principal: svc_northgate
    environment: airflow-workers
    max_duration: 1d12h
  - match: {name: "nightly"}
environments:
  - {id: airflow-workers, credentials: [svc_backup]}
datasets:
  - match: {namespace: "postgres://people-db:5432", name: people.public.contractors}
    key: [contractor_id]
    write_mode: append
    indexed: true
    fields: {full_name: [Name], country: []}
    observed_by: [people-db-audit]
  - {match: {name: "*.v_contractors"}, view_of: [people.public.contractors]}
sources:
  - {id: people-db-audit, collector: pgaudit, namespace: "postgres://people-db:5432", files: "pgaudit/*",
     max_silence: 1h, timezone: Europe/Berlin, observes: [read, update]}
  - {id: own, collector: access}
"""
