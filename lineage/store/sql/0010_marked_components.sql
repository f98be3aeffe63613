-- What a list of requirements holds under an environment marker only: whether it was there is not known.

ALTER TABLE component ADD COLUMN marked BOOLEAN;   -- NULL: it was there
