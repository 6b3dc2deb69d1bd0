package detectors

func nationalAsia() []Rule { return nil }
