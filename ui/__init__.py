"""The investigator's pages, above all rooms of `lineage`. Nothing is drawn yet: the command line answers."""
