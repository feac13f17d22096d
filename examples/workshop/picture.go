package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// barWidth is how many cells a full bar has.
const barWidth = 24

// drawBars tells how full things are, one a line: with a bar on a terminal, in numbers everywhere.
func drawBars(bars []Bar, fancy bool) []string {
	width := 0
	for _, b := range bars {
		width = max(width, utf8.RuneCountInString(b.Name))
	}
	var out []string
	for _, b := range bars {
		picture := ""
		if fancy {
			n := int(math.Round(min(max(b.Part, 0), 1) * barWidth))
			picture = "  " + strings.Repeat("█", n) + strings.Repeat("░", barWidth-n)
		}
		out = append(out, fmt.Sprintf("%-*s%s  %s", width, b.Name, picture, b.Label))
	}
	return out
}

// drawCourse tells how a number went: on a terminal as a line of blocks, and everywhere how long it stayed what.
func drawCourse(c *Course, fancy bool) []string {
	var out []string
	if fancy {
		out = append(out, sparkline(c.Values))
	}
	var stays []string
	for i := 0; i < len(c.Values); {
		n := 1
		for i+n < len(c.Values) && c.Values[i+n] == c.Values[i] {
			n++
		}
		stays = append(stays, fmt.Sprintf("%d for %s", c.Values[i], short(time.Duration(n)*c.every)))
		i += n
	}
	return append(out, strings.Join(stays, ", "))
}

// sparkline has a block for each value, at most a page of them: the largest of those that share one.
func sparkline(values []int) string {
	blocks := []rune(" ▁▂▃▄▅▆▇█")
	const cells = pageWidth - clockWidth - 4
	share := (len(values) + cells - 1) / cells
	top := max(1, slices.Max(append([]int{0}, values...)))
	var line []rune
	for i := 0; i < len(values); i += share {
		v := slices.Max(values[i:min(i+share, len(values))])
		line = append(line, blocks[min((max(v, 0)*(len(blocks)-1)+top-1)/top, len(blocks)-1)])
	}
	return string(line)
}
