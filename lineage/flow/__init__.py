"""Flow: from seeds to exposures, backward to the people inside them, forward to what they contaminated.

Plain SQL joined set by set over the tables of `touches`, looped from Python; of the facts only which packages a
snapshot held is read.

    seeds      who is compromised, and when
    exposures  what they read and altered
    backward   whose records may have been inside of that
    grades     how surely each record was touched
    forward    what they wrote, and what that contaminated
    onward     the mirror of `backward`: which reads a record may have been in
    ahead      to the end of a long walk in one statement
"""

from lineage.store import Store


def has_synonyms(store: Store) -> bool:
    """Whether some dataset has several names; else what goes on under another name need not be planned."""
    return store.any("dataset_name", "told_id <> dataset_id")
