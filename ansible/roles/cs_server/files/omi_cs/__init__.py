"""A reference CS server: takes a city's messages for the resident-registry network, keeps them, hands them out.

It stands where J-LIS' own software would run, and does the same kind of work end to end: who calls is what the
certificate says, a message that was accepted is in the database, and every act leaves a line.
"""
