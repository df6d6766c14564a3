package runs

import (
	"regexp"

	"github.com/pkg/errors"
)

// A safe name is one path element on every system. It has at most 100 lower-case
// letters, digits, '-', '_' and '.', begins and ends with a letter or digit, and is not
// the name of a Windows device, with or without an extension.
var (
	safeName       = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$`)
	windowsDevices = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)
)

// CheckName returns an error unless name is safe as the id of a run or as the name
// of a file. It keeps paths inside the results.
func CheckName(name string) error {
	if !safeName.MatchString(name) || windowsDevices.MatchString(name) {
		return errors.Errorf("name %.120q, want lower-case letters, digits, '-', '_' and '.', at most 100, beginning and ending with a letter or digit", name)
	}
	return nil
}
