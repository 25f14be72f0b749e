"""What serves HTTP, whatever is served: sockets, hosts, bodies, deadlines."""
