package fleet

import (
	"context"
	"errors"
	"time"
)

var ErrOther = errors.New("somebody else has appended meanwhile")

type Message struct {
	Subject string
	Seq     uint64
	Time    time.Time
	Data    []byte
}

func Subject(id string, rest ...string) string {
	s := "axbench.run." + id
	for _, r := range rest {
		s += "." + r
	}
	return s
}

var _ context.Context
