package detectors

func contact() []Rule { return nil }
