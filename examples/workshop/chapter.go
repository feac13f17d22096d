package main

// Chapter is one part of the story.
type Chapter struct {
	Name  string // as -chapter has it
	Title string
	Tell  func(t *Teller) error
}

func chapters() []Chapter {
	return []Chapter{
		metricsChapter,
		hpaChapter,
		vpaChapter,
		kedaChapter,
		clusterAutoscalerChapter,
		proportionalChapter,
		karpenterChapter,
		togetherChapter,
	}
}

func find(name string) (Chapter, bool) {
	for _, c := range chapters() {
		if c.Name == name {
			return c, true
		}
	}
	return Chapter{}, false
}

func names() []string {
	var all []string
	for _, c := range chapters() {
		all = append(all, c.Name)
	}
	return all
}
