//go:build !linux

package delivery

import (
	"errors"
	"os"
)

// There is no journal where the system does not tell its starts apart (bootFile), so nothing is ever locked here.

func lock(*os.File) error { return errors.ErrUnsupported }

func tryLock(*os.File) error { return errors.ErrUnsupported }
