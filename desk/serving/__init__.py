"""HTTP below the applications: the socket, allowed hosts, the size of bodies, the deadline of answers."""
