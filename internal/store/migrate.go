package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"cadenza/internal/fault"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrate brings the schema to the newest version and gives that version. Each migration runs in a transaction of its
// own; it is safe to call it from several nodes at once.
func (db *DB) Migrate(ctx context.Context) (int64, error) {
	provider, err := db.migrations()
	if err != nil {
		return 0, err
	}
	unlock, err := db.lockMigrations(ctx)
	if err != nil {
		return 0, fmt.Errorf("lock migrations: %w", err)
	}
	defer unlock()
	if err := db.CheckSchema(ctx); err != nil {
		return 0, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return provider.GetDBVersion(ctx)
}

// SchemaVersions gives the version in the database, 0 for an empty one, and the newest that this program knows. It only looks: an empty database
// stays one into which a dump can be put back.
func (db *DB) SchemaVersions(ctx context.Context) (current, newest int64, err error) {
	provider, err := db.migrations()
	if err != nil {
		return 0, 0, err
	}
	sources := provider.ListSources()
	newest = sources[len(sources)-1].Version
	var begun bool
	if begun, err = db.migrated(ctx); err == nil && begun {
		current, err = provider.GetDBVersion(ctx)
	}
	if err != nil {
		return 0, newest, fmt.Errorf("read schema version: %w", err)
	}
	return current, newest, nil
}

// migrated tells that a migration was begun. The table is goose's, which makes it when it is asked for the version.
func (db *DB) migrated(ctx context.Context) (begun bool, err error) {
	query := `select exists (select 1 from sqlite_schema where name = $1)`
	if db.dialect == postgresDialect {
		query = `select to_regclass($1) is not null`
	}
	return begun, db.explain(db.reader.QueryRowContext(ctx, query, goose.DefaultTablename).Scan(&begun))
}

// ErrNewer says that the database was upgraded by a newer program.
var ErrNewer = errors.New("the schema is newer")

// CheckSchema refuses a database that a newer program has upgraded: what this one would write into it is what that one no longer expects
// (docs/adr/0047). Nodes ask again and again.
func (db *DB) CheckSchema(ctx context.Context) error {
	current, newest, err := db.SchemaVersions(ctx)
	if err == nil && current > newest {
		err = fault.New(fault.Unavailable, "The database has schema %d: a newer Cadenza upgraded it, and this one knows schema %d.", current, newest).
			WithHint("Start the version of Cadenza that upgraded it, or a newer one.").WithInner(ErrNewer)
	}
	return err
}

func (db *DB) migrations() (*goose.Provider, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var list []*goose.Migration
	for _, file := range files {
		text, err := fs.ReadFile(migrationFiles, file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(file, "migrations/")
		version, err := strconv.ParseInt(strings.SplitN(name, "_", 2)[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: the name must begin with a number: %w", name, err)
		}
		statements := db.dialect.schema(string(text))
		up := &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			for _, statement := range strings.Split(statements, ";\n") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			return nil
		}}
		list = append(list, goose.NewGoMigration(version, up, nil))
	}
	d := database.DialectSQLite3
	if db.dialect == postgresDialect {
		d = database.DialectPostgres
	}
	return goose.NewProvider(d, db.writer, nil, goose.WithGoMigrations(list...), goose.WithDisableGlobalRegistry(true))
}

// lockMigrations keeps other nodes out while the schema changes. SQLite needs nothing: it has one process.
func (db *DB) lockMigrations(ctx context.Context) (unlock func(), err error) {
	if db.dialect != postgresDialect {
		return func() {}, nil
	}
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return nil, err
	}
	const key = 731_290_114 // any number that no other program on this database uses
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock($1)", key); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", key)
		_ = conn.Close()
	}, nil
}
