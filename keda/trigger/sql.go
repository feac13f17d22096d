package trigger

import "strings"

// SQL is the trigger postgresql, mysql or mssql: the one number that a query gives.
type SQL struct {
	metric
	// Query is the statement.
	Query string
	// TargetValue is the target.
	TargetValue float64
	// ActivationValue is what the number must exceed for the trigger to be active.
	ActivationValue float64
	// Database says where, and as whom. The caller opens the connection.
	Database Database
}

// Database is a database's address and credentials as a trigger writes them. It prints and marshals without its secrets.
type Database struct {
	// Connection is a whole connection string; empty where the other fields say it.
	Connection string `json:"-"`
	// Driver is the mssql driver, sqlserver or azuresql.
	Driver string
	// Host is the server's name.
	Host string
	// Port is the server's port.
	Port string
	// Name is the database.
	Name string
	// User is the user's name.
	User string `json:"-"`
	// Password is the user's password.
	Password string `json:"-"`
	// SSLMode is postgresql's sslmode.
	SSLMode string
}

// String is host and database, nothing secret.
func (d Database) String() string { return "database: " + d.Host + "/" + d.Name }

// GoString is String: a dump holds no secret either.
func (d Database) GoString() string { return d.String() }

var secretOrWritten = []origin{authParams, metadata}

func newPostgreSQL(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &SQL{
		Query: p.need(written, "query"), TargetValue: p.float("targetQueryValue", 0), ActivationValue: p.float("activationTargetQueryValue", 0),
		Database: Database{
			Connection: p.text(secretOrEnv, "connection"), Host: p.text(secretOrWritten, "host"), Port: p.text(secretOrWritten, "port"),
			User: p.text(secretOrWritten, "userName"), Name: p.text(secretOrWritten, "dbName"), SSLMode: p.text(secretOrWritten, "sslmode"),
			Password: p.text(secretOrEnv, "password"),
		},
	}
	if d := t.Database; d.Connection == "" {
		for _, field := range []struct{ name, value string }{
			{"host", d.Host}, {"port", d.Port}, {"userName", d.User}, {"dbName", d.Name}, {"sslmode", d.SSLMode},
		} {
			if field.value == "" {
				p.missing(field.name)
			}
		}
	}
	if t.TargetValue == 0 && !cfg.ScalingModifiers && len(p.errs) == 0 {
		p.fail("metadata.targetQueryValue", "missing or 0")
	}
	return t, p.metric(&t.metric, "postgresql", Quantity(t.TargetValue), t.ActivationValue)
}

func newMySQL(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &SQL{
		Query: p.need(written, "query"), TargetValue: p.needFloat("queryValue"), ActivationValue: p.float("activationQueryValue", 0),
		Database: Database{
			Connection: p.text(secretOrEnv, "connectionString"), User: p.text(anywhere, "username"), Password: p.text(secretOrEnv, "password"),
			Host: p.text([]origin{metadata, authParams}, "host"), Port: p.text([]origin{metadata, authParams}, "port"),
			Name: p.text([]origin{metadata, authParams}, "dbName"),
		},
	}
	name := t.Database.Name
	if c := t.Database.Connection; c != "" {
		slash := strings.LastIndexByte(c, '/')
		if slash < 0 {
			// Upstream would put the whole of it, password included, into the metric's name.
			p.fail("authParams.connectionString", "no slash before the database's name")
		}
		name = c[slash+1:]
	}
	return t, p.metric(&t.metric, "mysql-"+name, Quantity(t.TargetValue), t.ActivationValue)
}

func newMSSQL(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &SQL{
		Query: p.need(written, "query"), TargetValue: p.needFloat("targetValue"), ActivationValue: p.float("activationTargetValue", 0),
		Database: Database{
			Connection: p.text(secretOrEnv, "connectionString"), User: p.text(secretOrWritten, "username"), Password: p.text(secretOrEnv, "password"),
			Host: p.text(secretOrWritten, "host"), Port: p.text(secretOrWritten, "port"), Name: p.text(secretOrWritten, "database"),
			Driver: p.choice("sqlserver", []string{"sqlserver", "azuresql"}, []origin{metadata, authParams}, "driverName"),
		},
	}
	if port, ok := p.find(secretOrWritten, "port"); ok && !isInteger(port.text) {
		p.bad(port, "an integer")
	}
	if t.Database.Connection == "" && t.Database.Host == "" {
		p.missing("host")
	}
	if t.TargetValue == 0 && !cfg.ScalingModifiers && len(p.errs) == 0 {
		p.fail("metadata.targetValue", "0")
	}
	return t, p.metric(&t.metric, "mssql", Quantity(t.TargetValue), t.ActivationValue)
}

// Read is the reading of the first column of the first row; nil is NULL, which is an error (S11).
func (t *SQL) Read(column *float64) (Reading, error) {
	if column == nil {
		return Reading{}, unusable("the query gives NULL")
	}
	return t.Judge(*column), nil
}

// NoRow is the reading of a query without a row: 0 for mssql and an error for the others.
func (t *SQL) NoRow() (Reading, error) {
	if t.kind == "mssql" {
		return t.Judge(0), nil
	}
	return Reading{}, unusable("the query gives no row")
}
