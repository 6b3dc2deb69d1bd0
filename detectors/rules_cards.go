package detectors

func cards() []Rule { return nil }
