"""Flow: from seeds to exposures, backward to the people inside them, forward to what they contaminated.

Plain SQL joined set by set over the tables of `touches`, looped from Python; nothing here reads facts.
"""
