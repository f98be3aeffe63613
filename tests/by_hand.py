"""How files begin that tests write by hand."""

STORE = "postgres://people-db:5432"
ENTRY_COLUMNS = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to\n"
