package emulator

import (
	"encoding/json"
	"errors"
	"net"
	"strconv"
	"unicode/utf8"

	"github.com/valyala/fasthttp"

	"axbench/conformance/contract"
)

// compose writes the answer to a call.
func (c *call) compose(r *row) {
	w := &c.writer
	*w = writer{b: w.b[:0], xml: c.format == contract.XML}
	if r.gateway {
		c.writeGateway(w, r)
	} else {
		c.writeBusiness(w, r)
	}
	c.response = response{status: r.status, kind: typeJSON, body: w.b, more: c.response.more}
	if w.xml {
		c.response.kind = typeXML
	}
}

// writeBusiness writes the answer of the service.
func (c *call) writeBusiness(w *writer, r *row) {
	if !w.xml && c.message == "" {
		w.b = append(w.b, r.before...)
		w.b = append(w.b, c.id[:]...)
		w.b = append(w.b, r.behind...)
		w.depth, w.comma = 1, true
	} else {
		w.open(c.op.root)
		w.field("Message", c.text(r))
		w.field("RequestId", text(c.id[:]))
		w.field("Code", r.name)
	}
	if r == c.server.rows.ok {
		c.op.write(c, w)
	} else if how := c.server.rules.FailureDTO; how != "" && how != "absent" && c.op.Operation == contract.BindAxb {
		w.nothing("SecretBindDTO", how == "as_null")
	}
	w.close(c.op.root)
}

// text is the answer's Message.
func (c *call) text(r *row) string {
	if c.message != "" {
		return c.message
	}
	return r.message
}

// writeGateway writes the error form of the gateway in front of the service.
func (c *call) writeGateway(w *writer, r *row) {
	w.open(contract.GatewayRoot)
	w.field("RequestId", text(c.id[:]))
	w.field("HostId", contract.Endpoint)
	w.field("Code", r.name)
	w.field("Message", c.text(r))
	w.field("Recommend", "https://api.aliyun.com/troubleshoot?q="+r.name+"&product="+contract.Product+"&requestId="+string(c.id[:]))
	if r.denial {
		c.writeDenied(w)
	}
	w.close(contract.GatewayRoot)
}

// writeDenied says what a RAM user was not permitted. It is an object: an old SDK panics on anything else.
func (c *call) writeDenied(w *writer) {
	w.open("AccessDeniedDetail")
	w.field("AuthAction", "dypls:"+c.op.Name)
	w.field("AuthPrincipalType", "SubUser")
	w.field("NoPermissionType", "ImplicitDeny")
	w.field("PolicyType", "AccountLevelIdentityBasedPolicy")
	w.close("AccessDeniedDetail")
}

func (c *call) writeBind(w *writer) {
	w.open("SecretBindDTO")
	if c.server.rules.Extension != "absent" {
		w.field("Extension", "130") // the documentation's sample; without a meaning for AXB
	}
	w.begin("SecretNo")
	w.b = c.binding.X.Append(w.b)
	w.end("SecretNo")
	c.writeSubsID(w)
	w.close("SecretBindDTO")
}

func (c *call) writeSubsID(w *writer) {
	w.begin("SubsId")
	w.b = c.server.appendSubsID(w.b, c.binding.SubsID)
	w.end("SubsId")
}

func (c *call) writeUnbind(w *writer) { w.field("ChargeId", "true") }

func (c *call) writeNothing(*writer) {}

// writeList writes the SubsIds of an X, joined by commas.
func (c *call) writeList(w *writer) {
	w.begin("SubsId")
	for i := range c.list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = c.server.appendSubsID(w.b, c.list[i].SubsID)
	}
	w.end("SubsId")
}

func (c *call) writeDetail(w *writer) {
	b := &c.binding
	status := "1"
	if b.Ended {
		status = "0"
	}
	w.open("SecretBindDetailDTO")
	w.bare("Status", status)
	w.begin("PhoneNoX")
	w.b = b.X.Append(w.b)
	w.end("PhoneNoX")
	w.begin("ExpireDate")
	w.b = stampOf(w.b, b.Expires, c.server.rules.zone)
	w.end("ExpireDate")
	w.bare("NeedRecord", strconv.FormatBool(b.Note&noteRecording != 0))
	w.begin("PhoneNoB")
	w.b = b.B.Append(w.b)
	w.end("PhoneNoB")
	c.writeSubsID(w)
	w.begin("PhoneNoA")
	w.b = b.A.Append(w.b)
	w.end("PhoneNoA")
	w.begin("GmtCreate")
	w.b = stampOf(w.b, b.Created, c.server.rules.zone)
	w.end("GmtCreate")
	if r := restricts[b.Note/noteRestrict%4]; r != "" {
		w.field("CallRestrict", r)
	}
	w.bare("ASRStatus", strconv.FormatBool(b.Note&noteASR != 0))
	if m := models[b.Note/noteModel%4]; m != "" {
		w.field("ASRModelId", m)
	}
	w.close("SecretBindDetailDTO")
}

// writer writes objects of texts as JSON or XML.
type writer struct {
	b     []byte
	xml   bool
	depth int
	comma bool
}

// open begins an object; the first one is the document.
func (w *writer) open(name string) {
	if w.xml {
		if w.depth == 0 {
			w.b = append(w.b, "<?xml version='1.0' encoding='UTF-8'?>"...)
		}
		w.tag("<", name)
	} else {
		if w.depth > 0 {
			w.name(name)
		}
		w.b = append(w.b, '{')
		w.comma = false
	}
	w.depth++
}

func (w *writer) close(name string) {
	w.depth--
	if w.xml {
		w.tag("</", name)
		return
	}
	w.b = append(w.b, '}')
	w.comma = true
}

// field writes a text.
func (w *writer) field(name, value string) {
	w.begin(name)
	if w.xml {
		w.b = appendXML(w.b, value)
	} else {
		w.b = appendJSON(w.b, value)
	}
	w.end(name)
}

// begin and end stand around a text that needs no escapes.
func (w *writer) begin(name string) {
	if w.xml {
		w.tag("<", name)
		return
	}
	w.name(name)
	w.b = append(w.b, '"')
}

func (w *writer) end(name string) {
	if w.xml {
		w.tag("</", name)
		return
	}
	w.b = append(w.b, '"')
}

// bare writes a number or a truth value.
func (w *writer) bare(name, value string) {
	if w.xml {
		w.field(name, value)
		return
	}
	w.name(name)
	w.b = append(w.b, value...)
}

// nothing writes an object that is null or empty; XML has one way for both.
func (w *writer) nothing(name string, null bool) {
	if null && !w.xml {
		w.bare(name, "null")
		return
	}
	w.open(name)
	w.close(name)
}

func (w *writer) name(name string) {
	if w.comma {
		w.b = append(w.b, ',')
	}
	w.comma = true
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

func (w *writer) tag(open, name string) {
	w.b = append(w.b, open...)
	w.b = append(w.b, name...)
	w.b = append(w.b, '>')
}

// appendJSON appends s between the quotes of a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendJSON(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		switch b := s[i]; {
		case b == '"' || b == '\\':
			dst = append(dst, '\\', b)
		case b == '\n':
			dst = append(dst, '\\', 'n')
		case b < ' ':
			dst = append(dst, '\\', 'u', '0', '0', "0123456789abcdef"[b>>4], "0123456789abcdef"[b&15])
		case b < utf8.RuneSelf:
			dst = append(dst, b)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return dst
}

// appendXML appends s as character data. What XML cannot hold becomes U+FFFD.
func appendXML(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r < ' ' && r != '\n' && r != '\t', r == 0xfffe, r == 0xffff:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// unreadable answers what the HTTP layer could not take for a request. A connection that broke is none.
func (s *Server) unreadable(ctx *fasthttp.RequestCtx, err error) {
	var broken net.Error
	if errors.As(err, &broken) {
		ctx.SetStatusCode(fasthttp.StatusBadRequest)
		ctx.SetConnectionClose()
		return
	}
	c := s.calls.Get().(*call)
	from := ours(ctx)
	c.begin(s, ctx, from, instant())
	s.rows.unreadable.record.decided(nil)
	c.compose(s.rows.unreadable)
	c.send()
	o := owed{arrival: c.read, due: c.read, row: s.rows.unreadable, bare: ctx.IsHead()}
	c.end()
	if from != nil {
		from.owed = append(from.owed, o)
	}
}

// object reports whether a parameter that holds JSON holds an object, or nothing.
func object(s string) bool {
	return s == "" || s[0] == '{' && json.Valid([]byte(s))
}
