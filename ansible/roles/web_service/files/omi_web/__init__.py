"""What the reference services share: who is at the other end, and requests and answers over WSGI."""
