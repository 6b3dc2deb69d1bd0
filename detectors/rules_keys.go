package detectors

func privateKeys() []Rule { return nil }
