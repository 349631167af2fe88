package cmd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Names by which this test binary is another program. testscript puts them into the path.
const (
	witnessName = "axwitness"
	skewedName  = "axskewed" // axbench on a machine whose clock is off by envSkew
	envSkew     = "PROOF_CLOCK_SKEW"
)

// skewedMain is axbench with another clock.
func skewedMain() {
	skew, err := time.ParseDuration(os.Getenv(envSkew))
	if err != nil {
		panic(err)
	}
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, over: &overBars{},
		wall: func() time.Time { return time.Now().Add(skew) }}
	os.Exit(p.fail(p.run(os.Args[1:])))
}

// The answers that a witness gives beside good ones.
const (
	answersGood = "good"
	answersSame = "same" // arrivals 200 and 201 get the same RequestId and SubsId
	answersBad  = "bad"  // from arrival 600 on it refuses
)

// witnessMain is a target that knows of no plan: it answers every BindAxb and appends index and instant of each as it comes, one
// a line, to a file. It says where it is on stdout, and ends when its stdin does.
//
//	axwitness FILE ANSWERS
func witnessMain() {
	if err := bearWitness(os.Args[1], os.Args[2], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func bearWitness(path, answers string, stdin io.Reader, stdout io.Writer) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var mu sync.Mutex
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		nonce := r.Header.Get("x-acs-signature-nonce")
		if nonce == "" {
			nonce = r.FormValue("SignatureNonce")
		}
		k, err := indexOf(nonce)
		if err != nil {
			k = -1
		}
		mu.Lock()
		fmt.Fprintf(file, "%d %d\n", k, now.UnixNano())
		mu.Unlock()
		answer(w, nonce, k, answers)
	})}
	fmt.Fprintf(stdout, "http://%s/\n", l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		_ = server.Shutdown(context.Background())
	}()
	_ = server.Serve(l)
	return file.Close()
}

// indexOf reads the index of an arrival from its nonce.
func indexOf(nonce string) (int64, error) {
	if len(nonce) < 16 {
		return 0, fmt.Errorf("nonce %q", nonce)
	}
	return strconv.ParseInt(nonce[len(nonce)-16:], 16, 64)
}

func answer(w http.ResponseWriter, nonce string, k int64, answers string) {
	id := k
	if answers == answersSame && k == 201 {
		id = 200
	}
	said := map[string]any{"RequestId": fmt.Sprintf("%.32s-%016x", nonce, id), "Code": "OK", "Message": "OK",
		"SecretBindDTO": map[string]string{"SecretNo": fmt.Sprint(17_000_000_000 + k), "SubsId": fmt.Sprint(1_000_000_000_000 + id), "Extension": "130"}}
	if answers == answersBad && k >= 600 {
		said = map[string]any{"RequestId": said["RequestId"], "Code": "isp.SYSTEM_ERROR", "Message": "isp.SYSTEM_ERROR"}
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_ = json.NewEncoder(w).Encode(said)
}

// sighting is one arrival at the witness.
type sighting struct {
	k  int64
	at time.Time
}

// readSightings reads what a witness has written so far.
func readSightings(path string) (list []sighting, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text[:bytes.LastIndexByte(text, '\n')+1]))
	for lines.Scan() {
		k, at, _ := strings.Cut(lines.Text(), " ")
		s := sighting{}
		if s.k, err = strconv.ParseInt(k, 10, 64); err != nil {
			return nil, err
		}
		ns, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return nil, err
		}
		s.at = time.Unix(0, ns)
		list = append(list, s)
	}
	return list, lines.Err()
}

// relay stands between an agent and its bus. While it is cut nothing goes through, in neither direction and on no connection, as if
// the network dropped it; what was on its way arrives when it is whole again, if anybody still waits for it.
type relay struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	whole chan struct{} // closed while it is
	open  map[net.Conn]bool
	group sync.WaitGroup
}

func newRelay(to string) (*relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{listener: l, to: to, whole: make(chan struct{}), open: map[net.Conn]bool{}}
	close(r.whole)
	r.group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r.group.Go(func() { r.join(c) })
		}
	})
	return r, nil
}

// join carries bytes between an agent and the bus until either hangs up.
func (r *relay) join(agent net.Conn) {
	if !r.note(agent) {
		return
	}
	defer r.forget(agent)
	r.wait()
	bus, err := net.Dial("tcp", r.to)
	if err != nil || !r.note(bus) {
		return
	}
	defer r.forget(bus)
	ended := make(chan struct{}, 2)
	carry := func(to, from net.Conn) {
		defer func() { ended <- struct{}{} }()
		b := make([]byte, 64<<10)
		for {
			n, err := from.Read(b)
			r.wait()
			if _, e := to.Write(b[:n]); err != nil || e != nil {
				return
			}
		}
	}
	r.group.Go(func() { carry(bus, agent) })
	r.group.Go(func() { carry(agent, bus) })
	<-ended
}

func (r *relay) wait() {
	r.mu.Lock()
	whole := r.whole
	r.mu.Unlock()
	<-whole
}

func (r *relay) note(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		c.Close()
		return false
	}
	r.open[c] = true
	return true
}

func (r *relay) forget(c net.Conn) {
	c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, c)
}

// cut parts the agent from the bus, and mend joins them again.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.whole = make(chan struct{})
}

func (r *relay) mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.whole:
	default:
		close(r.whole)
	}
}

func (r *relay) close() {
	r.listener.Close()
	r.mend()
	r.mu.Lock()
	for c := range r.open {
		c.Close()
	}
	r.open = nil
	r.mu.Unlock()
	r.group.Wait()
}
