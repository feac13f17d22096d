package trigger

import (
	"database/sql"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq" // The driver that the caller of the library chooses.

	"github.com/scalemath/scalemath/internal/integration/server"
	"github.com/scalemath/scalemath/keda/trigger"
	"github.com/scalemath/scalemath/keda/trigger/source"
)

// unprivileged is the user postgres where we are root, as whom PostgreSQL does not run.
func unprivileged(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func TestPostgreSQL(t *testing.T) {
	const folder = "/usr/lib/postgresql/*/bin"
	initdb, postgres := server.Program(t, "initdb", folder), server.Program(t, "postgres", folder)
	owner := unprivileged(t)
	dir, port := server.Dir(t, owner), server.Port(t)
	server.Run(t, server.Command{Path: initdb, Dir: dir, User: owner, Args: []string{"-D", dir + "/data", "-U", "keda", "--auth=trust", "--no-sync"}})
	made := build(t, "postgresql", map[string]string{
		"host": "127.0.0.1", "port": strconv.Itoa(port), "userName": "keda", "dbName": "postgres", "sslmode": "disable",
		"query": "SELECT count(*) FROM jobs WHERE NOT done", "targetQueryValue": "5", "activationTargetQueryValue": "1",
	}, map[string]string{"password": "s3cret"}).(*trigger.SQL)
	d := made.Database
	db, err := sql.Open("postgres", fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=%s", d.Host, d.Port, d.User, d.Password, d.Name, d.SSLMode))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fails(t, "before the start", sourceOf(t, made, source.Options{DB: db}))
	server.Start(t, server.Command{Path: postgres, Dir: dir, User: owner, Args: []string{
		"-D", dir + "/data", "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
	}}, 20*time.Second, db.Ping)
	if _, err := db.Exec("CREATE TABLE jobs (done bool); INSERT INTO jobs SELECT n > 3 FROM generate_series(1, 8) n"); err != nil {
		t.Fatal(err)
	}
	gives(t, "rows that wait", sourceOf(t, made, source.Options{DB: db}), 3, true)
	for query, want := range map[string]float64{
		"SELECT 2.5::numeric": 2.5, "SELECT '7'": 7, "SELECT 1 UNION ALL SELECT 2 ORDER BY 1": 1, // the first row counts
		"SELECT NULL::int": -1, "SELECT 1 WHERE false": -1, "SELECT 'x'": -1, "SELEC": -1,
	} {
		other := build(t, "postgresql", map[string]string{"query": query, "targetQueryValue": "5"}, map[string]string{"connection": "host=127.0.0.1"})
		s := sourceOf(t, other, source.Options{DB: db})
		if want >= 0 {
			gives(t, query, s, want, true)
			continue
		}
		fails(t, query, s)
	}
	// Another user's row in mssql's way: no row is 0 there.
	ms := build(t, "mssql", map[string]string{"query": "SELECT 1 WHERE false", "targetValue": "1", "host": "h"}, nil)
	gives(t, "mssql without a row", sourceOf(t, ms, source.Options{DB: db}), 0, false)
	if strings.Contains(fmt.Sprintf("%+v", made), "s3cret") {
		t.Error("the password is printed")
	}
}
