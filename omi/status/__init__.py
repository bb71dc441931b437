"""The page of the person on duty: what is so (facts), what that means (findings), and how it is shown (page)."""
