"""The investigator's pages, above everything else: they ask the questions and draw the answers.

app         the script that is served: navigation, style, one page at a time
theme       colours, type and server options
warming     what the first page would wait for, loaded before
foretelling how the places of elements look until they are there
session     the one seam to the store: cursors, the checkpoint, taking files in
waiting     what takes long: told with the seconds so far, and left by whoever leaves the page
holding     answers held while people look at them, and the shelf where all find them
asking      asking, once for all who ask the same, and the parts of pages that show it
link        views as URLs: everything that makes a view is in its link
forms       forms from the declarations of the questions
suggesting  what they offer: names that the store knows
advisories  what advisories are about, in their own words
drawing     pieces of HTML and charts that pages share the look of
evidence    the panel that says why: path, events, files
graph       the graph component: a canvas, each node where Python put it
cases       what was saved, with notes, in a file beside the store
screens     one file for each page
views       one file for each way that an answer is looked at
"""
