"""What the reference services share: who asks, requests and answers over WSGI, connections to a database."""
