package detectors

func nationalEurope() []Rule { return nil }
