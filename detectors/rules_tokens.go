package detectors

func tokens() []Rule { return nil }
