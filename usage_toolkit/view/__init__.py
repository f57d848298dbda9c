"""What a board shows for a `Filter`: bars, totals, table and words, worked out and drawn nowhere.

`panel` draws it where there is a kernel, `page` where there is none; both show the same because it is made here.
"""
