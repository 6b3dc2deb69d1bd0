package detectors

func dates() []Rule { return nil }
