package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"axbench/conformance/traffic"
)

// Bounds of a call to a declared channel.
const (
	channelTime = 10 * time.Second
	channelBody = 64 << 10 // bytes of an answer
)

// post sends a JSON object to a declared channel and reads the JSON of its answer into to, nil for nothing. A channel is on
// this machine or on the endpoint's own host; nothing else is called, no proxy is asked and no redirect followed.
func (s *suite) post(channel string, body, to any) error {
	e, err := traffic.ParseTarget(channel)
	if err != nil {
		return errors.New("the URL of the channel is none")
	}
	host := s.cfg.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if !e.Loopback && e.Host != host {
		return errors.New("the channel is neither on this machine nor on the endpoint's host")
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("the body for the channel: %w", err)
	}
	ctx, stop := context.WithTimeout(s.ctx, channelTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.String(), bytes.NewReader(text))
	if err != nil {
		return errors.New("the URL of the channel is none")
	}
	req.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	web := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := web.Do(req)
	if err != nil {
		return errors.New("the channel does not answer")
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, channelBody))
	switch {
	case res.StatusCode/100 != 2:
		return fmt.Errorf("the channel answers HTTP %d", res.StatusCode)
	case err != nil:
		return errors.New("the channel's answer did not come whole")
	case to == nil:
		return nil
	}
	if err := json.Unmarshal(data, to); err != nil {
		return errors.New("the channel's answer is no JSON that is known")
	}
	return nil
}

// skewed is from where on the endpoint's clock counts as another than ours.
const skewed = 2 * time.Second

// advance moves the endpoint's clock on, or back by a negative d, through the declared channel. Where the channel tells the time that it
// is then, that is believed; else ours and what it was moved by.
func (s *suite) advance(d time.Duration) error {
	var clock struct{ Now time.Time }
	if err := s.post(s.provision.Channels.Clock, map[string]string{"advance": d.String()}, &clock); err != nil {
		return err
	}
	s.bindings.moved += d
	if moved := time.Until(clock.Now); !clock.Now.IsZero() && (moved-s.bindings.moved).Abs() > skewed {
		s.bindings.moved = moved
	}
	return nil
}

// readClock asks the declared channel how far the endpoint's clock is from ours: an earlier run may have moved it.
func (s *suite) readClock() {
	if s.provision.Channels.Clock == "" {
		return
	}
	if err := s.advance(0); err != nil {
		s.notes = append(s.notes, "the clock that is declared cannot be read: "+err.Error())
	} else if moved := s.bindings.moved; moved != 0 {
		s.notes = append(s.notes, "the endpoint's clock is "+moved.Round(time.Second).String()+" from this one: Expirations follow it")
	}
}

// call rings an X from a number through the declared channel, and returns the OutId of the call record.
func (s *suite) call(x, from string) (outID string, err error) {
	var ring struct {
		Receipt *struct {
			OutID *string `json:"out_id"`
		}
		OutID *string `json:"out_id"` // a channel may answer with the record itself
	}
	if err := s.post(s.provision.Channels.Receipts, map[string]string{"x": x, "from": from}, &ring); err != nil {
		return "", err
	}
	switch {
	case ring.Receipt != nil && ring.Receipt.OutID != nil:
		return *ring.Receipt.OutID, nil
	case ring.OutID != nil:
		return *ring.OutID, nil
	}
	return "", errors.New("the channel answers without a call record")
}

// skew is how far the endpoint's clock is ahead of ours by the Date of an answer, 0 without one.
func (x *exchange) skew() time.Duration {
	if at, err := http.ParseTime(string(headerOf(x.head, "Date"))); err == nil {
		return at.Sub(x.done.Round(0))
	}
	return 0
}
