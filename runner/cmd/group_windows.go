package cmd

import "syscall"

// ownGroup keeps a child out of the console's signals.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
