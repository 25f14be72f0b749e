"""What does it look like on the wire? The models of requests and answers, one module a noun."""
