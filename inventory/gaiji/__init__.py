"""Non-standard characters (外字): the cities' registers, merged into one, and text converted both ways.

read      registers, decisions and the ledger, with every mistake at once   (load, register, decisions, ledger)
merge     which codes mean the same character, what a person must answer    (groups, questions, merge)
convert   a city's text to unified text and back, without loss              (codec)

Everything here is pure but for the reading of files in :mod:`inventory.gaiji.load`.
"""
