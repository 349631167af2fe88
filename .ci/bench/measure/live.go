package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// live is what the live page costs the generator: runs at 2000/s with the page and one client that takes every event, and runs
// without, in turns.
func live() {
	const rounds = 5
	var with, without [rounds]run
	events := 0
	for i := range rounds {
		without[i], _ = do("fast", "--rate", "2000/s", "--duration", "10s")
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fail(err)
		}
		address := l.Addr().String()
		l.Close()
		got := make(chan int, 1)
		go func() { got <- follow("http://" + address + "/events") }()
		with[i], _ = do("fast", "--rate", "2000/s", "--duration", "10s", "--ui", address)
		events += <-got
	}
	cpu := func(r *run) float64 { return r.Generator.CPUPerCall }
	late := func(r *run) float64 { return r.Phases[0].Latency["late"].P99 }
	row("live page at 2000/s with one client: CPU per call", "≤ 1.1 of that without", "%.1f µs, %.1f µs without: %.2f (medians of %d)",
		median(with[:], cpu), median(without[:], cpu), median(with[:], cpu)/median(without[:], cpu), rounds)
	row("  late p99", "≤ 1 ms", "%s, %s without: %.2f", ms(median(with[:], late)), ms(median(without[:], late)), median(with[:], late)/median(without[:], late))
	row("  events that the client took", "≥ 10 a run", "%d in %d runs", events, rounds)
}

// follow reads a stream of events to its end and counts them.
func follow(url string) int {
	for range 500 {
		resp, err := http.Get(url)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			fail(err)
		}
		if !bytes.Contains(text, []byte("event: end\n")) {
			fail(fmt.Errorf("%s: no end", url))
		}
		return bytes.Count(text, []byte("event: "))
	}
	fail(fmt.Errorf("%s: nobody answers", url))
	return 0
}

func median(runs []run, of func(*run) float64) float64 {
	var list []float64
	for i := range runs {
		list = append(list, of(&runs[i]))
	}
	slices.Sort(list)
	return list[len(list)/2]
}
