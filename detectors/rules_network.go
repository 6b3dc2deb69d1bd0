package detectors

func network() []Rule { return nil }
