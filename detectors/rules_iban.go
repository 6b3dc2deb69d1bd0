package detectors

func iban() []Rule { return nil }
