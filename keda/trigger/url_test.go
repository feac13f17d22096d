package trigger

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzURL holds the two pieces of URL handling that a pure package needs against the standard library's.
func FuzzURL(f *testing.F) {
	for _, text := range []string{"https://sqs.eu-west-1.amazonaws.com/1/q.fifo", "plain", "a/b:c", "//h/1/q", "///1/q", "/1/q?x=%zz", "h:opaque", "http://h:1x/1/q",
		"http://[::1]:80/1/q", "http://u:p@h/1/q", "http://h/%2f/q", "http://h/%zz", "1a:/x", "http://h%20x/1/q", "UP(per)", "tenant%2Fx", "a b&c=d+é", "http:/1/q", "*", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := queryEscape(text), url.QueryEscape(text); got != want {
			t.Errorf("%q escapes to %q, want %q", text, got, want)
		}
		text = strings.TrimSpace(text)
		if text == "" {
			return
		}
		path, ok := requestPath(text)
		u, err := url.ParseRequestURI(text)
		if err != nil || !ok {
			// What is no URL for one and has a path of another shape than account and queue for the other is refused or named
			// by the whole text; neither is a queue of Amazon's.
			if err == nil && len(strings.Split(u.Path, "/")) == 3 && !odd(text) {
				t.Errorf("%q is no URL, but has the path %q", text, u.Path)
			}
			if ok && len(strings.Split(path, "/")) == 3 && !odd(text) {
				t.Errorf("%q has the path %q, but %v", text, path, err)
			}
			return
		}
		if path != u.Path && !odd(text) {
			t.Errorf("%q has the path %q, want %q", text, path, u.Path)
		}
	})
}

// odd texts have a host that the standard library looks at more closely.
func odd(text string) bool {
	_, authority, ok := strings.Cut(text, "//")
	host, _, _ := strings.Cut(authority, "/")
	host, _, _ = strings.Cut(host, "?")
	return ok && strings.ContainsAny(host, "[]%@\\^`{|}<>\"' ") || text == "*"
}
