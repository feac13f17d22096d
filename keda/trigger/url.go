package trigger

import (
	"math"
	"strconv"
	"strings"
)

// queryEscape escapes as the query of a URL does: letters, digits and "-_.~" stay, a space becomes a plus.
func queryEscape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// requestPath is the path of a URL as a request line holds it, decoded. Text that is no such URL, like a queue's plain name,
// has none.
func requestPath(text string) (string, bool) {
	for _, c := range []byte(text) {
		if c < ' ' || c == 0x7f {
			return "", false
		}
	}
	if strings.HasPrefix(text, "/") {
		path, _, _ := strings.Cut(text, "?")
		return percentDecode(path)
	}
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || scheme == "" {
		return "", false
	}
	for i, c := range []byte(scheme) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return "", false
		}
	}
	rest, _, _ = strings.Cut(rest, "?")
	if !strings.HasPrefix(rest, "/") {
		return "", true // An opaque URL has no path.
	}
	if authority, found := strings.CutPrefix(rest, "//"); found {
		host, path, some := strings.Cut(authority, "/")
		if !authorityOf(host) {
			return "", false
		}
		if rest = ""; some {
			rest = "/" + path
		}
	}
	return percentDecode(rest)
}

// authorityOf tells whether a text can be user, host and port of a URL.
func authorityOf(text string) bool {
	user, host, some := cutLast(text, "@")
	if !some {
		user, host = "", text
	}
	if !only(user, "-._~:!$&'()*+,;=%@") || !only(host, "-._~:!$&'()*+,;=[]<>\"") {
		return false
	}
	_, port, some := cutLast(host, ":")
	if !some || strings.Contains(port, "]") {
		return true
	}
	return strings.Trim(port, "0123456789") == ""
}

// only tells whether a text has letters, digits, these marks and nothing else from ASCII.
func only(text, marks string) bool {
	for _, c := range []byte(text) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
		if !letter && strings.IndexByte(marks, c) < 0 {
			return false
		}
	}
	return true
}

func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// percentDecode undoes the escapes of a path.
func percentDecode(path string) (string, bool) {
	if !strings.Contains(path, "%") {
		return path, true
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			b.WriteByte(path[i])
			continue
		}
		if i+3 > len(path) {
			return "", false
		}
		n, err := strconv.ParseUint(path[i+1:i+3], 16, 8)
		if err != nil || n > math.MaxUint8 {
			return "", false
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), true
}
