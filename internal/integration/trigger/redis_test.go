package trigger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scalemath/scalemath/internal/integration/server"
	"github.com/scalemath/scalemath/keda/trigger/source"
)

// resp is a client of Redis in a few lines: one connection a command.
type resp struct{ address, password string }

func (c resp) Do(ctx context.Context, args ...string) (any, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	in := bufio.NewReader(conn)
	for _, command := range [][]string{{"AUTH", c.password}, args} {
		fmt.Fprintf(conn, "*%d\r\n", len(command))
		for _, a := range command {
			fmt.Fprintf(conn, "$%d\r\n%s\r\n", len(a), a)
		}
		reply, err := read(in)
		if err != nil || command[0] != "AUTH" {
			return reply, err
		}
	}
	return nil, nil
}

// read reads one reply.
func read(in *bufio.Reader) (any, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimSpace(line)
	n, numeric := strconv.ParseInt(line[1:], 10, 64)
	switch line[0] {
	case '+':
		return line[1:], nil
	case '-':
		return nil, errors.New(line[1:])
	case ':':
		return n, numeric
	case '$':
		if n < 0 {
			return nil, nil
		}
		text := make([]byte, n+2)
		_, err := io.ReadFull(in, text)
		return text[:n], err
	case '*':
		var list []any
		for range n {
			e, err := read(in)
			if err != nil {
				return nil, err
			}
			list = append(list, e)
		}
		return list, nil
	}
	return nil, fmt.Errorf("a reply of type %q", line[0])
}

func TestRedis(t *testing.T) {
	program := server.Program(t, "redis-server")
	port := server.Port(t)
	client := resp{fmt.Sprintf("127.0.0.1:%d", port), "s3cret"}
	server.Start(t, server.Command{Path: program, Dir: server.Dir(t, nil), Args: []string{
		"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", client.password,
	}}, 10*time.Second, func() error { _, err := client.Do(context.Background(), "PING"); return err })

	for _, command := range []string{
		"RPUSH list a b c d e f", "SADD set a b", "ZADD zset 1 a 2 b 3 c", "HSET hash a 1 b 2 c 3 d 4", "SET text x",
		"XADD stream * a 1", "XADD stream * a 2", "XADD stream * a 3", "XGROUP CREATE stream readers 0", "XREADGROUP GROUP readers me COUNT 1 STREAMS stream >",
		"XADD stream * a 4",
	} {
		if _, err := client.Do(context.Background(), strings.Fields(command)...); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
	}
	for key, want := range map[string]float64{"list": 6, "set": 2, "zset": 3, "hash": 4, "missing": 0, "text": -1} {
		s := sourceOf(t, build(t, "redis", map[string]string{"address": client.address, "listName": key}, nil), source.Options{Redis: client})
		if want < 0 {
			fails(t, key, s)
		} else {
			gives(t, key, s, want, want > 0)
		}
	}
	for what, c := range map[string]struct {
		words map[string]string
		want  float64
	}{
		"length":          {map[string]string{"stream": "stream"}, 4},
		"pending":         {map[string]string{"stream": "stream", "consumerGroup": "readers"}, 1},
		"lag":             {map[string]string{"stream": "stream", "consumerGroup": "readers", "lagCount": "2"}, 3},
		"no such group":   {map[string]string{"stream": "stream", "consumerGroup": "nobody", "lagCount": "2"}, 4},
		"no such stream":  {map[string]string{"stream": "missing", "consumerGroup": "readers", "lagCount": "2"}, 0},
		"nothing pending": {map[string]string{"stream": "missing", "consumerGroup": "readers"}, -1},
	} {
		c.words["address"] = client.address
		s := sourceOf(t, build(t, "redis-streams", c.words, nil), source.Options{Redis: client})
		if c.want < 0 {
			fails(t, what, s)
		} else {
			gives(t, what, s, c.want, c.want > 0)
		}
	}
}
