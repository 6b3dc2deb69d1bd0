package detectors

func nationalAmericas() []Rule { return nil }
