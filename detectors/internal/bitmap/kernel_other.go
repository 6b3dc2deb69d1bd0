package bitmap

func native() []*Kernel { return nil }
