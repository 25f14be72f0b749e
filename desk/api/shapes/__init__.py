"""The models of requests and answers, one module a noun."""
