package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

const digestSetting = "digest_hour"

// NoDigest is the hour of who wants no digest: at midnight there is nobody to read one.
const NoDigest = 0

// DigestHour gives the hour of the day, 1 to 23, from which a user wants the digest by mail; NoDigest for who has not asked for it.
func (tx *Tx) DigestHour(user ident.User) (int, error) {
	value, err := tx.userSetting(user, digestSetting)
	if err != nil || value == "" {
		return NoDigest, err
	}
	return readHour(value), nil
}

// SaveDigestHour replaces the hour; NoDigest turns the digest off.
func (tx *Tx) SaveDigestHour(user ident.User, hour int) error {
	return tx.saveUserSetting(user, digestSetting, strconv.Itoa(hour))
}

// readHour reads a stored hour; what is none stands for no digest.
func readHour(value string) int {
	hour, err := strconv.Atoi(value)
	if err != nil || hour > 23 {
		return NoDigest
	}
	return hour
}

// Digest is how a user stands with the digest.
type Digest struct {
	User User
	Hour int
	// Day is the day of the last one as 20261130, and Until the moment up to which it told; zero for none yet.
	Day   int
	Until time.Time
}

// Digests lists the active users who want a digest, by their keys.
func (tx *Tx) Digests() ([]Digest, error) {
	list, err := collect(tx, func(rows oneRow) (d Digest, err error) {
		var hour string
		var until sql.NullInt64
		err = rows.Scan(&d.User.ID, &hour, &d.Day, &until)
		d.Hour, d.Until = readHour(hour), moment(until)
		return d, err
	}, `select s.user_id, s.value, coalesce(d.day, 0), d.until from user_settings s join users u on u.id = s.user_id
		left join digests d on d.user_id = s.user_id where s.name = $1 and u.active order by s.user_id`, digestSetting)
	if err != nil {
		return nil, fmt.Errorf("list digests: %w", err)
	}
	list = slices.DeleteFunc(list, func(d Digest) bool { return d.Hour == NoDigest })
	for i := range list {
		if list[i].User, err = tx.GetUser(list[i].User.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// BeginDigest notes that a user gets the digest of a day, and tells whether it is the first time: another node may have been faster.
func (tx *Tx) BeginDigest(user ident.User, day int, until time.Time) (bool, error) {
	n, err := tx.exec(`insert into digests (user_id, day, until) values ($1, $2, $3)
		on conflict (user_id) do update set day = excluded.day, until = excluded.until where digests.day < excluded.day`, int64(user), day, until.UnixMicro())
	if err != nil {
		return false, fmt.Errorf("begin digest: %w", err)
	}
	return n > 0, nil
}

// DigestPrefix begins the token in the Message-ID of a digest, so that it is told from a test: both go to users and belong to no record.
const DigestPrefix = "digest."

// IsDigest tells a digest from other mail.
func (m Message) IsDigest() bool {
	token, ours := message.TokenOf(m.RFCID)
	return m.Test && ours && strings.HasPrefix(token, DigestPrefix)
}
