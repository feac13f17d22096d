// Package server starts real servers for tests: as plain processes on loopback, each on a free port, stopped when the test
// ends.
//
// A test whose program is absent is skipped with a word about it. With REQUIRE_SERVERS set, as in CI, it fails instead.
// The script .ci/install-servers installs all of them.
package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Program finds a program by name, or in one of the folders that are given as patterns.
func Program(t testing.TB, name string, folders ...string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil && len(folders) == 0 {
		return path
	}
	for _, folder := range folders {
		if found, _ := filepath.Glob(filepath.Join(folder, name)); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	const advice = "%s is not installed; .ci/install-servers installs it"
	if os.Getenv("REQUIRE_SERVERS") != "" {
		t.Fatalf(advice, name)
	}
	t.Skipf(advice, name)
	return ""
}

// Port is a free port on loopback.
func Port(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Dir is a folder that goes with the test. A user other than ours may own it.
func Dir(t testing.TB, owner *syscall.Credential) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "scalemath-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if owner != nil {
		if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Command is a server to start.
type Command struct {
	// Path is the program, and Args what it is told.
	Path string
	Args []string
	// Dir is where it runs, and Env what its environment holds beside ours.
	Dir string
	Env []string
	// User is whom it runs as; nil is us.
	User *syscall.Credential
}

func (c Command) prepare(log *os.File) *exec.Cmd {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.Dir, log, log
	cmd.Env = append(os.Environ(), c.Env...)
	// A group of its own, so that what the server starts ends with it, and with us if we are killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: c.User}
	return cmd
}

// Run runs a command to its end.
func Run(t testing.TB, c Command) {
	t.Helper()
	log := logFile(t)
	if err := c.prepare(log).Run(); err != nil {
		t.Fatalf("%s: %v\n%s", c.Path, err, tail(log.Name()))
	}
}

// Start starts a server and waits until it is ready.
func Start(t testing.TB, c Command, within time.Duration, ready func() error) {
	t.Helper()
	log := logFile(t)
	cmd := c.prepare(log)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		group := -cmd.Process.Pid
		syscall.Kill(group, syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
		}
		syscall.Kill(group, syscall.SIGKILL)
	})
	var last error
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", c.Path, err, tail(log.Name()))
		default:
		}
		if last = ready(); last == nil {
			return
		}
	}
	t.Fatalf("%s is not ready after %v: %v\n%s", c.Path, within, last, tail(log.Name()))
}

// Eventually waits until something holds.
func Eventually(t testing.TB, within time.Duration, holds func() error) {
	t.Helper()
	err := errors.New("never asked")
	for deadline := time.Now().Add(within); err != nil && time.Now().Before(deadline); {
		if err = holds(); err != nil {
			time.Sleep(100 * time.Millisecond)
		}
	}
	if err != nil {
		t.Fatalf("not within %v: %v", within, err)
	}
}

// Listens is ready as soon as a port is open.
func Listens(port int) func() error {
	return func() error {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			c.Close()
		}
		return err
	}
}

func logFile(t testing.TB) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// tail is the end of a log.
func tail(path string) string {
	text, _ := os.ReadFile(path)
	lines := strings.Split(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
