package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/scalemath/scalemath/clusterautoscaler"
)

// loadState reads what the last loop left; a file that is not there yet is a fresh start.
func loadState(file string) (clusterautoscaler.State, error) {
	var st clusterautoscaler.State
	if file == "" {
		return st, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	if err := json.Unmarshal(text, &st); err != nil {
		return st, fmt.Errorf("%s: %w", file, err)
	}
	return st, nil
}

func saveState(file string, st clusterautoscaler.State) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
