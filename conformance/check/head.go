package check

import (
	"bytes"
	"compress/gzip"
	"io"
	"unicode/utf8"

	"axbench/conformance/contract"
)

// form is what a body is by its first bytes.
type form uint8

const (
	formOther form = iota
	formJSON
	formXML
	formHTML
)

func hasBOM(body []byte) bool { return bytes.HasPrefix(body, bom) }

// formOf looks at the first character that is not white space, and at the first tag to tell a page from a document.
func formOf(body []byte) form {
	if hasBOM(body) {
		body = body[len(bom):]
	}
	for len(body) > 0 && isSpace(body[0]) {
		body = body[1:]
	}
	if len(body) == 0 {
		return formOther
	}
	switch c := body[0]; {
	case c == '{' || c == '[' || c == '"':
		return formJSON
	case c == '<' && (foldPrefix(body, "<!doctype html") || foldPrefix(body, "<html")):
		return formHTML
	case c == '<':
		return formXML
	}
	return formOther
}

func foldPrefix(b []byte, prefix string) bool {
	if len(b) < len(prefix) {
		return false
	}
	return equalFold(b[:len(prefix)], prefix)
}

// equalFold compares ASCII without letter case; s is in lower case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if lower(c) != s[i] {
			return false
		}
	}
	return true
}

// mediaType returns the type without parameters.
func mediaType(contentType []byte) []byte {
	if semicolon := bytes.IndexByte(contentType, ';'); semicolon >= 0 {
		contentType = contentType[:semicolon]
	}
	return bytes.TrimSpace(contentType)
}

// declared returns the form that a media type names. The document's client knows these three names and no others, letter case
// aside.
func declared(media []byte) form {
	switch {
	case equalFold(media, "application/json"):
		return formJSON
	case equalFold(media, "application/xml"), equalFold(media, "text/xml"):
		return formXML
	case equalFold(media, "text/html"), equalFold(media, "application/xhtml+xml"):
		return formHTML
	}
	return formOther
}

// contentType judges TRN-7: the header against the body.
func (r *Result) contentType(a *Answer, form form) {
	if form == formOther {
		return // TRN-8 and TRN-6 say what is to be said
	}
	if declared(mediaType(a.ContentType)) == form {
		r.Checked |= 1 << trn7
		return
	}
	got := ", got another type"
	if len(a.ContentType) == 0 {
		got = ", got none"
	}
	r.add(trn7, mediaTypes[form]+got)
}

var mediaTypes = [...]string{
	formJSON: "Content-Type: expected application/json, since the body is JSON",
	formXML:  "Content-Type: expected application/xml or text/xml, since the body is XML",
	formHTML: "Content-Type: expected text/html, since the body is HTML",
}

// format judges TRN-6: the format asked for against the body.
func (r *Result) format(sent *Sent, a *Answer, form form) {
	asked, name := formJSON, "JSON"
	if sent.Format == contract.XML {
		asked, name = formXML, "XML"
	}
	switch form {
	case asked:
		r.hold(trn6, true, "")
	case formJSON:
		r.add(trn6, "asked for "+name+", got JSON")
	case formXML:
		r.add(trn6, "asked for "+name+", got XML")
	default: // a page of something on the way to the endpoint has no format to choose
		if a.Status/100 == 2 {
			r.add(trn6, "asked for "+name+", got neither JSON nor XML")
		}
	}
}

// utf8 judges TRN-5: the bytes, and what the answer says of its encoding where it matters.
func (r *Result) utf8(a *Answer, body []byte) {
	rd := &r.reader
	switch {
	case rd.badUTF8 >= 0:
		r.add(trn5, at("not UTF-8", rd.badUTF8))
	case rd.fault != "" && !utf8.Valid(body):
		r.add(trn5, "not UTF-8")
	case rd.encoding != nil && !isUTF8Name(rd.encoding):
		r.add(trn5, "the XML declaration names another encoding")
	case rd.nonASCII && !isUTF8Charset(a.ContentType):
		r.add(trn5, "Content-Type names another charset, and the body is not ASCII")
	default:
		r.hold(trn5, true, "")
	}
}

func isUTF8Name(name []byte) bool {
	return equalFold(name, "utf-8") || equalFold(name, "utf8") || equalFold(name, "us-ascii")
}

// isUTF8Charset reports whether the type names no charset or UTF-8.
func isUTF8Charset(contentType []byte) bool {
	for {
		semicolon := bytes.IndexByte(contentType, ';')
		if semicolon < 0 {
			return true
		}
		contentType = contentType[semicolon+1:]
		param := mediaType(contentType)
		if foldPrefix(param, "charset=") {
			name := bytes.Trim(param[len("charset="):], `"`)
			return equalFold(name, "utf-8") || equalFold(name, "utf8")
		}
	}
}

// emptyBody judges an answer without a body.
func (r *Result) emptyBody(a *Answer) {
	r.add(trn8, "expected a JSON object, got an empty body")
	switch {
	case a.Status/100 == 2:
		r.add(trn10, "HTTP 2xx without a body is no business answer")
	case a.Status >= 400:
		r.add(trn14, "HTTP 4xx or 5xx without Code, Message and RequestId: the body is empty")
	}
}

// maxUnzipped bounds what a compressed body may grow to.
const maxUnzipped = 1 << 20

// unzipper is kept from answer to answer, since an endpoint that compresses one compresses all.
type unzipper struct {
	source bytes.Reader
	reader *gzip.Reader
}

var gzipMagic = []byte{0x1F, 0x8B}

// decode judges TRN-12 and returns the body without its content coding. plain is false where there is one that cannot be
// removed; then it is the body as it came.
func (r *Result) decode(a *Answer) (body []byte, plain bool) {
	coded := len(a.ContentEncoding) > 0 && !equalFold(a.ContentEncoding, "identity")
	zipped := bytes.HasPrefix(a.Body, gzipMagic)
	switch {
	case !coded && !zipped:
		r.hold(trn12, true, "")
		return a.Body, true
	case !coded:
		r.add(trn12, "a gzip body without Content-Encoding, though identity was asked for")
		return a.Body, false
	}
	r.add(trn12, "Content-Encoding: expected identity, as asked for")
	if !zipped || !equalFold(a.ContentEncoding, "gzip") && !equalFold(a.ContentEncoding, "x-gzip") {
		return a.Body, len(a.Body) == 0
	}
	if unzipped, ok := r.unzip(a.Body); ok {
		return unzipped, true
	}
	return a.Body, false
}

func (r *Result) unzip(body []byte) (unzipped []byte, ok bool) {
	z := &r.gzip
	z.source.Reset(body)
	defer z.source.Reset(nil)
	if z.reader == nil {
		z.reader = new(gzip.Reader)
	}
	if z.reader.Reset(&z.source) != nil {
		return nil, false
	}
	buf := bytes.NewBuffer(r.decoded[:0])
	n, err := io.Copy(buf, io.LimitReader(z.reader, maxUnzipped+1))
	r.decoded = buf.Bytes()
	return r.decoded, err == nil && n <= maxUnzipped
}
