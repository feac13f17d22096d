package source_test

import (
	"database/sql/driver"
	"errors"
)

// brokenDriver is a driver that quotes its connection string, as some do.
type brokenDriver struct{}

func (brokenDriver) Open(string) (driver.Conn, error) {
	return nil, errors.New("cannot connect to u:" + password + "@tcp(h)/shop")
}
