"""How a scenario is played: servers, clock, cast, steps, proof."""
