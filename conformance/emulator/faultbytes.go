package emulator

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// nothing is sent.
func nothing(*fault, uint64, []byte) []byte { return nil }

// firstHalf is the first half of all bytes, head and body.
func firstHalf(_ *fault, _ uint64, answer []byte) []byte { return answer[:len(answer)/2] }

// halfBody is the head and the first half of the body.
func halfBody(_ *fault, _ uint64, answer []byte) []byte {
	head := headLength(answer)
	return answer[:head+(len(answer)-head)/2]
}

// otherLength announces delta bytes more than there are, never fewer than none.
func otherLength(f *fault, _ uint64, answer []byte) []byte {
	head := headLength(answer)
	length := max(0, len(answer)-head+f.delta)
	from, to := headerValue(answer[:head], "Content-Length")
	if from < 0 { // chunked: the length stands beside that, which nobody may do either
		return bytes.Replace(answer, []byte("\r\n"), fmtLength(length), 1)
	}
	out := make([]byte, 0, len(answer)+8)
	out = append(out, answer[:from]...)
	out = strconv.AppendInt(out, int64(length), 10)
	return append(out, answer[to:]...)
}

func fmtLength(n int) []byte {
	return append(strconv.AppendInt([]byte("\r\nContent-Length: "), int64(n), 10), "\r\n"...)
}

// proxyBody is the page that a proxy in front shows for an upstream that is away.
const proxyBody = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n" +
	"<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>tengine</center>\r\n</body>\r\n</html>\r\n"

// proxyPage is a whole answer that is not the API's; the connection stays.
func proxyPage(_ *fault, _ uint64, answer []byte) []byte {
	out := []byte("HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: Tengine\r\n")
	if from, to := headerValue(answer[:headLength(answer)], "Date"); from >= 0 {
		out = append(append(append(out, "Date: "...), answer[from:to]...), "\r\n"...)
	}
	out = append(out, "Content-Type: text/html\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(proxyBody)), 10)
	return append(append(out, "\r\nConnection: keep-alive\r\n\r\n"...), proxyBody...)
}

// noiseBytes is how much garbage comes.
const noiseBytes = 256

// noise is garbage, the same for the same seed and call. Its first byte cannot begin an answer.
func noise(f *fault, n uint64, _ []byte) []byte {
	out := make([]byte, 0, noiseBytes)
	for i := range uint64(noiseBytes / 8) {
		out = binary.BigEndian.AppendUint64(out, random(f.seed, streamGarbage, n*noiseBytes+i))
	}
	out[0] |= 0x80
	return out
}
