"""What was touched? From lineage events, access logs and software inventories to people, with evidence.

Data flows one way, and so do imports (import-linter holds it). From the bottom up:

    errors       what the user can mend: a sentence and a hint
    names        instants and names as the user writes them
    catalog      catalog.yml: vendors, principals, jobs, datasets, sources
    versions     which package versions a range or an advisory means
    store        one DuckDB file: migrations, ledger, staged facts merged into facts
    collectors   one file for each format: bytes into staged facts
    statements   SQL texts understood once, replayed as data
    touches      what facts and catalog together say was read and written, derived anew after each ingest
    flow         seeds, exposures, backward to people, forward to contamination
    answers      what an answer is, whatever asks and prints it
    questions    one file for each question
    exports      one file for each shape that an answer is written in
    ingest       inputs in, facts kept
    asked        every question, recorded
    status       what the store holds, and what its sources cover
    demo         the sample story
    server       events in over HTTP, questions out, who may
    cli          the program

`ui` stands above all of it. CONTRIBUTING.md says where a change goes.
"""
