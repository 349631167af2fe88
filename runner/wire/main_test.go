package wire

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"testing"

	"go.uber.org/goleak"
)

const (
	serveEnv = "WIRE_TEST_SERVE" // "answer" or "silent" makes the test binary a bare server

	getRequest = "POST /?Action=BindAxb&PoolKey=FC123456 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
	okBody     = `{"Message":"OK","RequestId":"9297B722-A016-43FB-B51A-E54050D9369D","Code":"OK",` +
		`"SecretBindDTO":{"Extension":"130","SecretNo":"17100000000","SubsId":"1000000768393849"}}`
)

// okAnswer looks like an answer of the gateway.
var okAnswer = fmt.Sprintf("HTTP/1.1 200 OK\r\nDate: Tue, 08 Jan 2019 02:42:19 GMT\r\nContent-Type: application/json;charset=utf-8\r\n"+
	"Content-Length: %d\r\nConnection: keep-alive\r\nKeep-Alive: timeout=25\r\nAccess-Control-Allow-Origin: *\r\n"+
	"x-acs-request-id: 9297B722-A016-43FB-B51A-E54050D9369D\r\n\r\n%s", len(okBody), okBody)

// children are what the test binary is in place of tests when a variable of that name is set.
var children = map[string]func(value string){}

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		serveForever()
		return
	}
	for env, child := range children {
		if v := os.Getenv(env); v != "" {
			child(v)
			return
		}
	}
	goleak.VerifyTestMain(m)
}

// serveForever answers every request at once with okAnswer, or never, until stdin ends.
func serveForever() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(ln.Addr())
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if os.Getenv(serveEnv) == "answer" {
				go serveBare(conn)
			}
		}
	}()
	bufio.NewReader(os.Stdin).ReadString(0)
}

// serveBare answers every request without a body.
func serveBare(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 8<<10)
	answer := []byte(okAnswer)
	for n := 0; ; {
		m, err := conn.Read(buf[n:])
		if err != nil {
			return
		}
		if n += m; bytes.HasSuffix(buf[:n], []byte("\r\n\r\n")) {
			n = 0
			if _, err := conn.Write(answer); err != nil {
				return
			}
		}
	}
}
