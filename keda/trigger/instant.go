package trigger

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// unusable is an error of a reading.
func unusable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrReading, fmt.Sprintf(format, args...))
}

// success is any status from 200 to 299.
func success(status int) error {
	if status < 200 || status > 299 {
		return unusable("status %d", status)
	}
	return nil
}

// vector is the answer of an instant query, as Prometheus and Loki give it.
type vector struct {
	Data struct {
		Result []struct {
			Metric struct{} `json:"metric"`
			Value  []any    `json:"value"`
		} `json:"result"`
	} `json:"data"`
}

// sample takes the one value out of an instant query's answer. A missing one is 0 if nulls are ignored; a JSON null is nil.
func sample(body []byte, ignoreNull bool) (text *string, value float64, err error) {
	var v vector
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, 0, unusable("body: %v", shape(err))
	}
	nothing := func(what string) (*string, float64, error) {
		if ignoreNull {
			return nil, 0, nil
		}
		return nil, 0, unusable("%s, and ignoreNullValues is off", what)
	}
	switch results := v.Data.Result; {
	case len(results) == 0:
		return nothing("no result")
	case len(results) > 1:
		return nil, 0, unusable("%d results where one is wanted", len(results))
	case len(results[0].Value) == 0:
		return nothing("an empty value")
	case len(results[0].Value) < 2:
		return nil, 0, unusable("a value without its number")
	case results[0].Value[1] == nil:
		return nil, math.NaN(), nil
	default:
		// Upstream panics on a bare number in Prometheus's answer.
		s, ok := results[0].Value[1].(string)
		if !ok {
			return nil, 0, unusable("the value is no string")
		}
		return &s, 0, nil
	}
}

// number parses a sample's text.
func number(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, unusable("%q is not a number", clip(text))
	}
	return x, nil
}

// shape says what is wrong with JSON without quoting it.
func shape(err error) string {
	if t, ok := err.(*json.UnmarshalTypeError); ok {
		return fmt.Sprintf("%s is a JSON %s", t.Field, t.Value)
	}
	return err.Error()
}

// clip shortens what a server sent, for an error.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "..."
	}
	return s
}
